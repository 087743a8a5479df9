/** All that belongs to one live session in this tab: its key, its sender, its place in the store. Another session gets its own. */
import type { ActiveStatus } from "../../protocol/session-status.js";
import type { KeyStoreKind } from "../../session/machine.js";
import type { PendingActivity } from "../input/pending.js";
import { createSessionKey, type SessionKey } from "../key/session-key.js";
import type { ClientPorts } from "../ports.js";
import type { ServerClock, TimeSample } from "../verifier/server-clock.js";
import type { Answer } from "../verifier/transport.js";
import { type AcceptedBeat, createHeartbeatSender, type HeartbeatSender } from "./sender.js";

export interface LiveSession {
  readonly sid: string;
  readonly name: string;
  readonly key: SessionKey;
  readonly sender: HeartbeatSender;
  /** Keeps what the server said, for the other tabs and the next page. */
  keep(status: ActiveStatus, kind: { readonly isWritten: boolean; readonly beatAt?: number }): Promise<void>;
  /** The session is over: nothing of it stays in the browser. */
  clear(): void;
}

interface LiveSessionOptions {
  readonly ports: ClientPorts;
  /** The newest status that this tab has. */
  readonly tab: { readonly status: ActiveStatus | null };
  readonly serverClock: ServerClock;
  readonly pending: PendingActivity;
  /** A status that came with a new nonce; `own`: the heartbeat of this tab that it answers. */
  readonly onStatus: (status: ActiveStatus, own: AcceptedBeat | null) => void;
  readonly onKeyStore: (kind: KeyStoreKind) => void;
  readonly onRefused: (answer: Answer, call: "key" | "heartbeat") => void;
  readonly onTimeLost: () => void;
}

export function openLiveSession(first: ActiveStatus, options: LiveSessionOptions): LiveSession {
  const { ports, tab, serverClock, pending, onStatus, onKeyStore, onRefused, onTimeLost } = options;
  const { sid, name } = first;
  const { clock, transport, page, unreported } = ports;
  const store = ports.openStore(name);
  const lock = ports.openLock(name);
  let isOver = false;

  const keep: LiveSession["keep"] = async (status, { isWritten, beatAt = 0 }) => {
    if (!isOver)
      await store.keepSession({ status, beatAt, wallOffset: clock.wall() - status.now }, isWritten);
  };

  // Kept before the lock is let go, for the lock reaches the next tab before any message does.
  async function receive(
    { status, sample }: { status: ActiveStatus; sample?: TimeSample },
    own: AcceptedBeat | null,
  ): Promise<void> {
    if (sample !== undefined) serverClock.add(sample);
    await keep(status, { isWritten: true, ...(own !== null ? { beatAt: status.now } : {}) });
    onStatus(status, own);
    if (own !== null) void key.heal();
  }

  const key = createSessionKey({
    sid,
    origin: page.origin,
    lock,
    store,
    transport,
    clock,
    onStatus: (answer) => receive(answer, null),
    onRefused: (answer) => onRefused(answer, "key"),
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
    pending,
    lock,
    store,
    transport,
    status: () => tab.status ?? first,
    key: () => key.current,
    onStatus: receive,
    onRefused: (answer) => onRefused(answer, "heartbeat"),
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
      key.stop();
      unreported.forget(name);
      void store.forget(sid);
      // What is under way may still keep something.
      void lock(() => store.forget(sid));
    },
  };
}
