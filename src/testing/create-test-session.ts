/** A session for the tests of an app's pages: the real client and its machine, without a network, in any state. */
import { createClient } from "../browser/client.js";
import type { SessionClient } from "../browser/platform/session-client.types.js";
import type { SessionState } from "../session/machine.js";
import { type Beginning, beginningOf, firstState, timesOf } from "./beginning.js";
import { durationOf } from "./duration.js";
import { createManualClock } from "./manual-clock.js";
import { createTestPage } from "./test-page.js";
import type { TestPolicy, TestServer, TestSession, TestSessionOptions } from "./test-session.types.js";
import { createTestVerifier, refusalOf, type TestRules, type TestVerifier } from "./test-verifier.js";
import { createUnfinishedWork, hasMessageTasks } from "./unfinished-work.js";

/** A key that this browser does not hold. */
const LOST_KEY = "a-key-that-was-lost";
const LONGEST_INTERVAL = 60_000;

/**
 * Makes a session in the state that a test wants, for `useSession`, `attachWarning` and everything else that takes a
 * client. Time stands still until the test moves it. Events are told of what happens from then on.
 * @throws TypeError for a policy that no server would take, and for a state that there is not
 *
 * @example
 * const session = createTestSession({ status: "warning", policy: { idle: "15m", warning: "2m" } });
 * await session.advance("2m");
 * session.state; // { status: "ended", reason: "idle", endedAt: … }
 */
export function createTestSession(options: TestSessionOptions = {}): TestSession {
  refuseBareEnvironment();
  const beginning = beginningOf(options);
  const rules = rulesOf(options);
  const startAt = (options.startAt ?? Date.UTC(2026, 0, 1)) - beginning.lead;
  const work = createUnfinishedWork();
  const clock = createManualClock(startAt, work.settle);
  const verifier = createTestVerifier(rules, { clock });
  const first = signInAtFirst(verifier, { beginning, rules, startAt });
  const page = createTestPage({ clock, verifier, work, keyStore: beginning.keyStore });
  const client = createClient(page.ports, { name: "curfew", print: null });
  let isReady = false;
  const ready = begin().then(() => {
    isReady = true;
  });

  async function begin(): Promise<void> {
    await work.settle();
    if (beginning.status === "ended" && beginning.lead === 0)
      verifier.end(verifier.cookie ?? "", beginning.reason);
    verifier.isReachable = beginning.isReachable;
    await clock.advance(beginning.lead);
    if (beginning.status === "ended" || !beginning.isReachable) await askServer();
    verifier.calls.length = 0;
  }

  /** The client asks, and draws its conclusions. */
  async function askServer(): Promise<void> {
    await client.refresh();
    await work.settle();
  }

  /** Not before the beginning is over, and to the end of what follows. */
  async function once<Result>(act: () => Result | Promise<Result>): Promise<Result> {
    await ready;
    const result = await act();
    await work.settle();
    return result;
  }

  const now = () => (isReady ? clock.wall() : startAt + beginning.lead);
  const server = createTestServer(verifier, {
    subject: beginning.subject,
    isReady: () => isReady,
    now,
    once,
    askServer,
  });
  const own = {
    server,
    get state() {
      return isReady ? client.state : first;
    },
    get isCovered() {
      return isReady ? page.isCovered : first.status === "ended" || first.status === "unconfirmed";
    },
    get reloads() {
      return page.reloads;
    },
    get signInUrl() {
      return isReady ? client.signInUrl : "sid" in first || "reason" in first ? rules.signInUrl : null;
    },
    remaining() {
      if (isReady) return client.remaining();
      return "expiresAt" in first ? Math.max(0, first.expiresAt - now()) : null;
    },
    subscribe: (listener) => client.subscribe(() => isReady && listener()),
    on: (name, listener) => client.on(name, (event) => isReady && listener(event)),
    // An event of a test carries the time of the machine that runs it, which is not the session's.
    extend: () => once(() => client.extend()),
    refresh: () => once(() => client.refresh()),
    end: (scope) => once(() => client.end(scope)),
    prove: (challenge, request) => once(() => client.prove(challenge, request)),
    isSameSubject: (sid) => once(() => client.isSameSubject(sid)),
    // What is no refusal does not hold up the app's own fetch.
    read: (response) => (response.status === 401 ? once(() => client.read(response)) : client.read(response)),
    advance: (duration) => once(() => clock.advance(durationOf(duration, "The duration to advance by"))),
    sleep: (duration) =>
      once(() => {
        clock.sleep(durationOf(duration, "The duration to sleep for"));
        page.show();
      }),
    activity: (kind = "pointer") => once(() => page.input(kind)),
  } satisfies Partial<TestSession>;
  // The rest is the client's own.
  const session: SessionClient & typeof own = Object.create(client, Object.getOwnPropertyDescriptors(own));
  return session;
}

function signInAtFirst(
  verifier: TestVerifier,
  { beginning, rules, startAt }: { beginning: Beginning; rules: TestRules; startAt: number },
): SessionState {
  const { subject, keyStore, status } = beginning;
  const key = keyStore === "lost" ? LOST_KEY : null;
  verifier.signIn({ subject, key, ...timesOf(beginning, rules, startAt) });
  const first = firstState(beginning, verifier.status());
  if (status === "absent") verifier.cookie = null;
  if (status === "connecting") verifier.isReachable = false;
  return first;
}

interface TestServerOptions {
  /** Who signs in where a test does not say. */
  readonly subject: string;
  readonly now: () => number;
  readonly isReady: () => boolean;
  readonly once: <Result>(act: () => Promise<Result>) => Promise<Result>;
  readonly askServer: () => Promise<void>;
}

function createTestServer(
  verifier: TestVerifier,
  { subject, now, isReady, once, askServer }: TestServerOptions,
): TestServer {
  const change = (act: () => void) =>
    once(() => {
      act();
      return askServer();
    });
  return {
    get now() {
      return now();
    },
    get calls() {
      return isReady() ? verifier.calls : [];
    },
    heartbeats: verifier.heartbeats,
    end: (reason = "revoked") => change(() => verifier.end(verifier.cookie ?? "", reason)),
    signIn: (who = subject) =>
      change(() => {
        verifier.signIn({ subject: who, key: null, authenticatedAt: now(), lastActiveAt: now() });
      }),
    disconnect: () =>
      change(() => {
        verifier.isReachable = false;
      }),
    reconnect: () =>
      change(() => {
        verifier.isReachable = true;
      }),
    refuseNext(problem) {
      verifier.intercept = (call) => {
        if (call !== "heartbeat") return null;
        verifier.intercept = () => null;
        return refusalOf(problem);
      };
    },
  };
}

function rulesOf({ policy = {}, signInUrl = "/login" }: TestSessionOptions): TestRules {
  const { idle = "15m", absolute = "12h", warning = "2m", dismissWarning = "explicit" }: TestPolicy = policy;
  const idleTimeout = durationOf(idle, "policy.idle");
  const absoluteTimeout = durationOf(absolute, "policy.absolute");
  const warningPeriod = durationOf(warning, "policy.warning");
  if (!(0 < warningPeriod && warningPeriod < idleTimeout && idleTimeout <= absoluteTimeout))
    throw new TypeError(
      `The policy { idle: ${JSON.stringify(idle)}, absolute: ${JSON.stringify(absolute)}, warning: ${JSON.stringify(warning)} } cannot be: warning must be shorter than idle, and idle no longer than absolute.`,
    );
  const heartbeatInterval = durationOf(
    policy.heartbeat ?? Math.min(idleTimeout / 10, LONGEST_INTERVAL),
    "policy.heartbeat",
  );
  return {
    name: "curfew",
    idleTimeout,
    absoluteTimeout,
    warningPeriod,
    heartbeatInterval,
    dismissWarning,
    signInUrl,
  };
}

/** Jest's jsdom takes away of Node what it has not itself. @throws Error that names all of it */
function refuseBareEnvironment(): void {
  const { crypto, TextEncoder }: Partial<typeof globalThis> = globalThis;
  const has = {
    "crypto.subtle": crypto?.subtle !== undefined,
    TextEncoder: TextEncoder !== undefined,
    MessageChannel: hasMessageTasks(),
  };
  const missing = Object.entries(has).flatMap(([name, isThere]) => (isThere ? [] : name));
  if (missing.length > 0)
    throw new Error(
      `createTestSession needs ${missing.join(", ")}, and this test environment has none: use Vitest's jsdom or happy-dom, or give globalThis those of Node (docs/testing.md)`,
    );
}
