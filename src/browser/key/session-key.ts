/** The session's signing key: made, kept and bound in one step, by one tab at a time (docs/protocol.md, "Key"). */
import { KEY_TYP } from "../../protocol/key-binding.js";
import type { ActiveStatus } from "../../protocol/session-status.js";
import type { KeyStoreKind } from "../../session/machine.js";
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
  /** Keeps a status that moved the nonce, and passes it on. */
  readonly onStatus: (answer: Answer & { type: "active" }) => Promise<void>;
  /** An answer that only the client as a whole can judge. */
  readonly onRefused: (answer: Answer) => void;
  readonly onChange: (kind: KeyStoreKind) => void;
}

export interface SessionKey {
  /** The bound key, once it is in memory. */
  readonly current: SigningKey | null;
  /** Brings the key in line with what the server holds; coalesced. */
  ensure(status: ActiveStatus): Promise<void>;
  /** Puts the bound key back where somebody has cleared or replaced it, so that the next page finds it. */
  heal(): Promise<void>;
}

export function createSessionKey(options: SessionKeyOptions): SessionKey {
  const { sid, origin, lock, store, transport, onStatus, onRefused, onChange } = options;
  let current: SigningKey | null = null;
  /** Made here and refused by the browser's storage. */
  let unkept: SigningKey | null = null;
  let working: Promise<void> | null = null;

  function become(key: SigningKey | null): void {
    current = key;
    onChange(key === null ? "lost" : key === unkept ? "memory" : "indexeddb");
  }

  async function settle(known: ActiveStatus, triesLeft: number): Promise<void> {
    // Another tab may have made and bound the key while this one waited for the lock.
    const stored = (await store.session(sid))?.status;
    const status = stored !== undefined && stored.now >= known.now ? stored : known;
    const held = (await store.key(sid)) ?? unkept;
    if (status.key !== null) return become(held?.kid === status.key ? held : null);
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
    if (code === "bind-closed") return become(null);
    if ((code === "already-bound" || code === "stale-nonce") && triesLeft > 0) {
      const fresh = await transport.session(sid);
      if (fresh.type === "active" && fresh.status.sid === sid) return settle(fresh.status, triesLeft - 1);
      return onRefused(fresh);
    }
    onRefused(answer);
  }

  return {
    get current() {
      return current;
    },
    ensure(status) {
      if (current !== null && current.kid === status.key) return Promise.resolve();
      working ??= lock(() => settle(status, 2))
        .catch(() => become(null))
        .finally(() => {
          working = null;
        });
      return working;
    },
    async heal() {
      const key = current;
      if (key !== null && key !== unkept && (await store.key(sid))?.kid !== key.kid)
        await store.keepKey(sid, key, true);
    },
  };
}
