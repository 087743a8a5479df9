/** The browser of a test session, in memory: its page, its person, its storage. */

import type { SigningKey } from "../browser/key/signing.js";
import type { KeyStore, StoredSession } from "../browser/key/store.js";
import type { PageEvent } from "../browser/platform/lifecycle.js";
import type { ClientPorts } from "../browser/ports.js";
import type { InputKind } from "../protocol/heartbeat.js";
import type { KeyStoreKind } from "../session/machine.js";
import type { ManualClock } from "./manual-clock.js";
import type { TestVerifier } from "./test-verifier.js";
import type { UnfinishedWork } from "./unfinished-work.js";

interface TestPage {
  readonly ports: ClientPorts;
  readonly isCovered: boolean;
  readonly reloads: number;
  input(kind: InputKind): void;
  /** The person sees the page again. */
  show(): void;
}

interface TestPageOptions {
  readonly clock: ManualClock;
  readonly verifier: TestVerifier;
  readonly work: UnfinishedWork;
  readonly keyStore: KeyStoreKind;
}

const ORIGIN = "https://app.test";

export function createTestPage({ clock, verifier, work, keyStore }: TestPageOptions): TestPage {
  let onInput: (timeStamp: number, kind: InputKind) => void = () => {};
  let onPage: (event: PageEvent) => void = () => {};
  let isCovered = false;
  let reloads = 0;
  const store = createMemoryStore(keyStore !== "memory");
  let lock: Promise<unknown> = Promise.resolve();
  const nothing = () => {};

  const ports: ClientPorts = {
    clock,
    transport: verifier.transport,
    page: {
      origin: ORIGIN,
      automated: false,
      isHidden: () => false,
      observe(callback) {
        onPage = callback;
        return nothing;
      },
      gestureAt: () => clock.monotonic(),
      reload: () => void reloads++,
      isAt: () => false,
    },
    observeInput(callback) {
      onInput = callback;
      return nothing;
    },
    openTabs: () => ({ post: nothing, close: nothing }),
    openStore: () => store,
    // Whatever takes the browser real time, its signatures, is done under the lock.
    openLock: () => (task) => {
      const run = work.track(lock.then(task));
      lock = run.catch(nothing);
      return run;
    },
    hear: nothing,
    unreported: { write: nothing, take: () => null, forget: nothing },
    cover: {
      set(covered) {
        isCovered = covered;
      },
    },
    close: nothing,
  };
  return {
    ports,
    get isCovered() {
      return isCovered;
    },
    get reloads() {
      return reloads;
    },
    input: (kind) => onInput(clock.monotonic(), kind),
    show: () => onPage({ type: "visible" }),
  };
}

function createMemoryStore(keepsKeys: boolean): KeyStore {
  const keys = new Map<string, SigningKey>();
  const sessions = new Map<string, StoredSession>();
  return {
    key: async (sid) => keys.get(sid) ?? null,
    async keepKey(sid, key) {
      if (!keepsKeys) return null;
      keys.set(sid, key);
      return key;
    },
    session: async (sid) => sessions.get(sid) ?? null,
    async keepSession(session) {
      const { sid } = session.status;
      const beatAt = Math.max(session.beatAt, sessions.get(sid)?.beatAt ?? 0);
      sessions.set(sid, { ...session, beatAt });
    },
    // Nothing is left of an earlier page.
    lastSession: async () => null,
    async forget(sid) {
      keys.delete(sid);
      sessions.delete(sid);
    },
    // One session a page, and no page before it.
    forgetOthers: async () => {},
    forgetAll: async () => {},
    close() {},
  };
}
