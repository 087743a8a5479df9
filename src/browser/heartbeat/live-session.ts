/** All that belongs to one session in this tab: its key, its sender, its place in the store. Another session gets another desk. */
import type { ActiveStatus } from "../../protocol/session-status.js";
import type { KeyStoreKind } from "../../session/machine.js";
import type { UnsentActivity } from "../input/pending.js";
import { createSessionKey, type SessionKey } from "../key/session-key.js";
import type { ClientPorts } from "../ports.js";
import type { ServerClock, TimeSample } from "../verifier/server-clock.js";
import type { Answer } from "../verifier/transport.js";
import { type AcceptedBeat, createHeartbeatSender, type HeartbeatSender } from "./sender.js";

export interface Desk {
  readonly sid: string;
  readonly name: string;
  readonly key: SessionKey;
  readonly sender: HeartbeatSender;
  /** Keeps what the server said, for the other tabs and the next page. */
  keep(status: ActiveStatus, kind: { readonly isWritten: boolean; readonly beatAt?: number }): Promise<void>;
  /** The session is over: nothing of it stays in the browser. */
  clear(): void;
}

export interface DeskOptions {
  readonly ports: ClientPorts;
  readonly serverClock: ServerClock;
  readonly unsent: UnsentActivity;
  readonly status: () => ActiveStatus;
  /** A status that came with a new nonce; `own`: the heartbeat of this tab that it answers. */
  readonly onStatus: (status: ActiveStatus, own: AcceptedBeat | null) => void;
  readonly onKeyStore: (kind: KeyStoreKind) => void;
  readonly onRefused: (answer: Answer) => void;
  readonly onTimeLost: () => void;
}

export function openDesk({ sid, name }: ActiveStatus, options: DeskOptions): Desk {
  const { ports, serverClock, unsent, status, onStatus, onKeyStore, onRefused, onTimeLost } = options;
  const { clock, transport, page, unreported } = ports;
  const store = ports.openStore(name);
  const lock = ports.openLock(name);
  let isOver = false;

  const keep: Desk["keep"] = async (heard, { isWritten, beatAt = 0 }) => {
    if (!isOver)
      await store.keepSession({ status: heard, beatAt, wallOffset: clock.wall() - heard.now }, isWritten);
  };

  // Kept before the lock is let go, for the lock reaches the next tab before any message does.
  async function hear(
    answer: { status: ActiveStatus; sample?: TimeSample },
    own: AcceptedBeat | null,
  ): Promise<void> {
    if (answer.sample !== undefined) serverClock.add(answer.sample);
    await keep(answer.status, { isWritten: true, ...(own !== null ? { beatAt: answer.status.now } : {}) });
    onStatus(answer.status, own);
    if (own !== null) void key.heal();
  }

  const key = createSessionKey({
    sid,
    origin: page.origin,
    lock,
    store,
    transport,
    hear: (answer) => hear(answer, null),
    onRefused,
    onChange: (kind) => {
      onKeyStore(kind);
      sender.nudge();
    },
  });
  const sender = createHeartbeatSender({
    sid,
    origin: page.origin,
    automated: page.automated,
    clock,
    serverClock,
    unsent,
    lock,
    store,
    transport,
    status,
    key: () => key.current,
    hear,
    onRefused,
    onTimeLost,
  });
  return {
    sid,
    name,
    key,
    sender,
    keep,
    clear() {
      isOver = true;
      sender.pause();
      unreported.forget(name);
      void store.forget(sid);
      // What is under way may still keep something.
      void lock(() => store.forget(sid));
    },
  };
}
