/** The session's signing key: made, kept and bound in one step, by one tab at a time (docs/protocol.md, "Key"). */
import { KEY_TYP } from "../../protocol/key-binding.js";
import type { ActiveStatus } from "../../protocol/session-status.js";
import type { KeyStoreKind } from "../../session/machine.js";
import { backOff, type Clock } from "../platform/clock.js";
import type { KeyLoss } from "../platform/error.js";
import type { TabLock } from "../tabs/lock.js";
import { type Answer, codeOf, type Transport } from "../verifier/transport.js";
import { makeSigningKey, type SigningKey, signMessage } from "./signing.js";
import type { KeyStore } from "./store.js";

interface SessionKeyOptions {
  readonly sid: string;
  readonly origin: string;
  readonly lock: TabLock;
  readonly store: KeyStore;
  readonly transport: Pick<Transport, "bindKey" | "session">;
  readonly clock: Pick<Clock, "after" | "random">;
  /** Keeps a status that moved the nonce, and passes it on. */
  readonly onStatus: (answer: Answer & { type: "active" }) => Promise<void>;
  /** An answer that only the client as a whole can judge. */
  readonly onRefused: (answer: Answer) => void;
  readonly onChange: (kind: KeyStoreKind) => void;
}

export interface SessionKey {
  /** The bound key, once it is in memory. */
  readonly current: SigningKey | null;
  /** Why there is none, where there will be none. */
  readonly loss: KeyLoss;
  /** Brings the key in line with what the server holds; coalesced. After a failure not before its time, unless a person waits. */
  ensure(status: ActiveStatus, isUrgent?: boolean): Promise<void>;
  /** Puts the bound key back where somebody has cleared or replaced it, so that the next page finds it. */
  heal(): Promise<void>;
  /** Tries no more by itself. */
  stop(): void;
}

const FIRST_RETRY_DELAY = 1000;
/** A store that takes no writes can be so for hours, and each of its browsers wants to bind a key. */
const LONGEST_RETRY_DELAY = 60_000;

export function createSessionKey(options: SessionKeyOptions): SessionKey {
  const { sid, origin, lock, store, transport, clock, onStatus, onRefused, onChange } = options;
  let current: SigningKey | null = null;
  /** Made here and refused by the browser's storage. */
  let unkept: SigningKey | null = null;
  let working: Promise<void> | null = null;
  let failures = 0;
  let cancelRetry: (() => void) | null = null;
  let latest: ActiveStatus | null = null;
  /** Under which nonce it was too late to bind: only a reauthentication opens that door again, and gives a new one. */
  let closedNonce: string | null = null;
  let isStopped = false;

  function stopRetry(): void {
    cancelRetry?.();
    cancelRetry = null;
  }

  /** By a back-off of its own: that the server answers other calls says nothing of this one. */
  function refuse(answer: Answer): void {
    const asked = answer.type === "unreachable" ? answer.retryAfter : 0;
    const chance = { failures: failures++, random: clock.random() };
    stopRetry();
    if (!isStopped) retryAfter(Math.max(asked, backOff(FIRST_RETRY_DELAY, chance, LONGEST_RETRY_DELAY)));
    onRefused(answer);
  }

  function retryAfter(delay: number): void {
    cancelRetry = clock.after(delay, () => {
      cancelRetry = null;
      if (latest !== null) void ensure(latest);
    });
  }

  function become(key: SigningKey | null): void {
    current = key;
    failures = 0;
    onChange(key === null ? "lost" : key === unkept ? "memory" : "indexeddb");
  }

  async function settle(known: ActiveStatus, triesLeft: number): Promise<void> {
    if (isStopped) return;
    // Another tab may have made and bound the key while this one waited for the lock.
    const stored = (await store.session(sid))?.status;
    const status = stored !== undefined && stored.now >= known.now ? stored : known;
    const held = (await store.key(sid)) ?? unkept;
    if (status.key !== null) return become(held?.kid === status.key ? held : null);
    if (status.nonce === closedNonce) return become(null);
    const key = held ?? (await make());
    return key === null ? become(null) : bind(key, status, triesLeft);
  }

  async function make(): Promise<SigningKey | null> {
    try {
      const made = await makeSigningKey();
      const kept = await store.keepKey(sid, made);
      unkept = kept === null ? made : null;
      return kept ?? made;
    } catch {
      return null;
    }
  }

  async function bind(key: SigningKey, { nonce }: ActiveStatus, triesLeft: number): Promise<void> {
    const { jwk } = key;
    const binding = await signMessage(key, KEY_TYP, { aud: origin, sid, nonce }, { jwk });
    const answer = await transport.bindKey(binding);
    if (answer.type === "active") {
      await onStatus(answer);
      // Whatever else this browser keeps belongs to sessions that this one has replaced.
      await store.forgetOthers(sid);
      return become(key);
    }
    const code = answer.type === "problem" ? codeOf(answer.problem) : "";
    if (code === "bind-closed") {
      closedNonce = nonce;
      return become(null);
    }
    if ((code === "already-bound" || code === "stale-nonce") && triesLeft > 0) {
      const fresh = await transport.session(sid);
      if (fresh.type === "active" && fresh.status.sid === sid) return settle(fresh.status, triesLeft - 1);
      return refuse(fresh);
    }
    refuse(answer);
  }

  function ensure(status: ActiveStatus, isUrgent = false): Promise<void> {
    latest = status;
    if (current !== null && current.kid === status.key) return Promise.resolve();
    if (cancelRetry !== null && !isUrgent && status.key === null) return Promise.resolve();
    stopRetry();
    working ??= lock(() => settle(status, 2))
      .catch(() => become(null))
      .finally(() => {
        working = null;
      });
    return working;
  }

  return {
    get current() {
      return current;
    },
    get loss() {
      return closedNonce === null ? "key-mismatch" : "bind-closed";
    },
    ensure,
    stop() {
      isStopped = true;
      stopRetry();
    },
    async heal() {
      const key = current;
      if (key !== null && key !== unkept && (await store.key(sid))?.kid !== key.kid)
        await store.keepKey(sid, key, true);
    },
  };
}
