/** A browser with as many tabs as a test needs, over one clock, one store, one lock and one server. */
import { createClient } from "../../src/browser/client.js";
import { createUnreported } from "../../src/browser/input/carried-over.js";
import type { SigningKey } from "../../src/browser/key/signing.js";
import type { KeyStore, StoredSession } from "../../src/browser/key/store.js";
import type { PageEvent } from "../../src/browser/platform/lifecycle.js";
import type { ClientPorts } from "../../src/browser/ports.js";
import type { TabMessage } from "../../src/browser/tabs/group.js";
import type { InputKind } from "../../src/protocol/heartbeat.js";
import { FakeClock } from "./fake-clock.js";
import { FakeNews } from "./fake-news.js";
import { FakeServer } from "./fake-server.js";

export type Tab = ReturnType<FakeBrowser["openTab"]>;

export class FakeBrowser {
  readonly clock = new FakeClock();
  readonly server = new FakeServer(this.clock);
  readonly localStorage = new Map<string, string>();
  /** Every message that one tab posted to the others, in order. */
  readonly messages: TabMessage[] = [];
  storesKeys = true;
  /** What IndexedDB holds, by sid. */
  readonly keys = new Map<string, SigningKey>();
  readonly sessions = new Map<string, StoredSession>();
  readonly news = new FakeNews();
  readonly #channels = new Map<(message: TabMessage) => void, string>();
  #lock: Promise<unknown> = Promise.resolve();

  /** A script of the same origin posts whatever it likes. */
  forge(message: TabMessage): void {
    for (const receive of this.#channels.keys()) receive(message);
  }

  openTab() {
    let onInput: (timeStamp: number, kind: InputKind) => void = () => {};
    let onPage: (event: PageEvent) => void = () => {};
    const tab = { covered: false, reloads: 0, isGesture: true, isHidden: false, address: "/" };
    const ports: ClientPorts = {
      clock: this.clock,
      transport: this.server.transport(),
      page: {
        origin: "https://app.example",
        automated: false,
        isHidden: () => tab.isHidden,
        observe(callback) {
          onPage = callback;
          return () => {};
        },
        gestureAt: (event) => (tab.isGesture ? (event?.timeStamp ?? this.clock.monotonic()) : null),
        reload: () => void tab.reloads++,
        isAt: (address) => tab.address === address,
      },
      observeInput(callback) {
        onInput = callback;
        return () => {};
      },
      openTabs: (name, onMessage) => this.#openChannel(name, onMessage),
      openStore: () => this.#store(),
      openLock: () => (task) => {
        const run = this.#lock.then(task);
        this.#lock = run.catch(() => {});
        return run;
      },
      hear: (name, signal, onEvent) => this.news.hear(name, signal, onEvent),
      unreported: createUnreported(() => ({
        getItem: (key) => this.localStorage.get(key) ?? null,
        setItem: (key, value) => void this.localStorage.set(key, value),
        removeItem: (key) => void this.localStorage.delete(key),
      })),
      cover: {
        set(covered) {
          tab.covered = covered;
        },
      },
      close: () => {},
    };
    const session = createClient(ports, { name: "curfew", base: "/curfew", print: null });
    const input = (kind: InputKind = "pointer") => onInput(this.clock.monotonic(), kind);
    return Object.assign(tab, { session, input, page: (event: PageEvent) => onPage(event) });
  }

  #openChannel(name: string, onMessage: (message: TabMessage) => void) {
    this.#channels.set(onMessage, name);
    return {
      post: (message: TabMessage) => {
        this.messages.push(message);
        for (const [other, joined] of this.#channels)
          if (other !== onMessage && joined === name) queueMicrotask(() => other(message));
      },
      close: () => void this.#channels.delete(onMessage),
    };
  }

  #store(): KeyStore {
    return {
      key: async (sid) => this.keys.get(sid) ?? null,
      keepKey: async (sid, key, isBound = false) => {
        if (!this.storesKeys) return null;
        if (isBound || !this.keys.has(sid)) this.keys.set(sid, key);
        return this.keys.get(sid) ?? null;
      },
      session: async (sid) => this.sessions.get(sid) ?? null,
      keepSession: async (session, isWritten) => {
        const { sid, now } = session.status;
        const known = this.sessions.get(sid);
        const isOlder =
          known !== undefined && (known.status.now > now || (known.status.now === now && !isWritten));
        const beatAt = Math.max(known?.beatAt ?? 0, session.beatAt);
        this.sessions.set(sid, { ...(isOlder ? known : session), beatAt });
      },
      lastSession: async () => [...this.sessions.values()].at(-1) ?? null,
      forget: async (sid) => {
        this.keys.delete(sid);
        this.sessions.delete(sid);
      },
      forgetOthers: async (sid) => {
        for (const kept of [this.keys, this.sessions])
          for (const other of kept.keys()) if (other !== sid) kept.delete(other);
      },
      forgetAll: async (since) => {
        const last = [...this.sessions.values()].at(-1);
        if (last !== undefined && last.status.now + last.wallOffset >= since) return;
        this.keys.clear();
        this.sessions.clear();
      },
      close() {},
    };
  }
}
