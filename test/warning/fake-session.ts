/** A client that does what a test says: its state, its clock and its answers are set from outside. */
import type { SessionClient, SessionClientEvents } from "../../src/browser/platform/session-client.types.js";
import type { SessionState } from "../../src/session/machine.js";

export const EXPIRES_AT = Date.UTC(2030, 0, 1, 14, 32);

type Live = Extract<SessionState, { readonly expiresAt: number }>;

export function liveState(changes: Partial<Live> = {}): Live {
  return {
    status: "warning",
    sid: "s1",
    idleExpiresAt: EXPIRES_AT,
    absoluteExpiresAt: EXPIRES_AT + 3_600_000,
    expiresAt: EXPIRES_AT,
    canExtend: true,
    cause: "idle",
    reachable: true,
    keyStore: "indexeddb",
    ...changes,
  };
}

/** A warning about the absolute limit. */
export function absoluteState(changes: Partial<Live> = {}): Live {
  return liveState({ cause: "absolute", canExtend: false, ...changes });
}

export interface FakeSession extends SessionClient {
  readonly calls: string[];
  become(state: SessionState, remaining?: number | null): void;
  /** Time passes: what is left gets less. */
  leave(remaining: number): void;
  /** The server's answer to the oldest open call of `extend` or `end`. */
  answer(state: SessionState): Promise<void>;
  refuse(): Promise<void>;
  emit<Name extends keyof SessionClientEvents>(name: Name, event: SessionClientEvents[Name]): void;
}

export function createFakeSession(first: SessionState = { status: "connecting" }): FakeSession {
  const listeners = new Set<() => void>();
  const handlers = new Map<string, Set<(event: never) => void>>();
  const open: PromiseWithResolvers<SessionState>[] = [];
  const calls: string[] = [];
  let state = first;
  let left: number | null = null;

  function ask(name: string): Promise<SessionState> {
    calls.push(name);
    const question = withResolvers<SessionState>();
    open.push(question);
    return question.promise;
  }
  const settled = () => new Promise<void>((resolve) => queueMicrotask(() => queueMicrotask(resolve)));

  const fake: FakeSession = {
    calls,
    get state() {
      return state;
    },
    isSameSubject: () => Promise.resolve(null),
    log: [],
    signInUrl: "/login",
    limits: { idleTimeout: 900_000, absoluteTimeout: 43_200_000 },
    remaining: () => left,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    extend: () => ask("extend"),
    end: () => ask("end"),
    refresh() {
      calls.push("refresh");
      return Promise.resolve(state);
    },
    close() {},
    prove: () => Promise.resolve(""),
    read: () => Promise.resolve(null),
    on(name, listener) {
      const set = handlers.get(name) ?? new Set();
      handlers.set(name, set.add(listener));
      return () => void set.delete(listener);
    },
    become(next, remaining = left) {
      state = next;
      left = remaining;
      for (const listener of [...listeners]) listener();
    },
    leave(remaining) {
      left = remaining;
    },
    async answer(next) {
      fake.become(next);
      open.shift()?.resolve(next);
      await settled();
    },
    async refuse() {
      open.shift()?.reject(new Error("refused"));
      await settled();
    },
    emit(name, event) {
      for (const handler of handlers.get(name) ?? [])
        (handler as (event: SessionClientEvents[typeof name]) => void)(event);
    },
  };
  return fake;
}

interface PromiseWithResolvers<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (reason: Error) => void;
}

function withResolvers<Value>(): PromiseWithResolvers<Value> {
  let resolve: (value: Value) => void = () => {};
  let reject: (reason: Error) => void = () => {};
  const promise = new Promise<Value>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
