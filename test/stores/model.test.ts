import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSessionVerifier, type SessionVerifier } from "../../src/server/adapters/node.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { redisStore } from "../../src/server/stores/redis/store.js";
import { sqliteStore } from "../../src/server/stores/sqlite/store.js";
import type { SessionStore } from "../../src/server/stores/store.js";
import { createTestKey, ORIGIN, TestBrowser, type TestKey } from "../server/support/test-browser.js";
import { createTestClock, type TestClock } from "../server/support/test-clock.js";
import { SILENT } from "../server/support/test-verifier.js";
import { paced } from "../timing.js";
import { type RedisServer, startRedis } from "./support/redis-server.js";

const PATIENCE = paced(120_000);
const RUNS = 100;
const IDLE = 60_000;
const ABSOLUTE = 150_000;
const POLICY = { idle: "60s", absolute: "150s", warning: "25s" };

/** What may be done, and the milliseconds that pass before it. */
const COMMANDS = [
  "start",
  "heartbeat",
  "stale heartbeat",
  "end",
  "reauthenticate",
  "check",
  "restart",
] as const;
type Command = (typeof COMMANDS)[number];

interface Step {
  readonly command: Command;
  readonly pause: number;
  /** How long ago the input was that a heartbeat tells of. */
  readonly ago: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  command: fc.constantFrom(...COMMANDS),
  pause: fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 30_000 }) },
    { weight: 1, arbitrary: fc.constantFrom(IDLE - 1, IDLE, ABSOLUTE - 1, ABSOLUTE) },
    // The very instant of the deadline, and the one before it.
    { weight: 2, arbitrary: fc.constantFrom(-1, -2) },
  ),
  ago: fc.integer({ min: 0, max: 90_000 }),
});

/** The session by the rules, as a row of a table. */
interface Row {
  state: "none" | "live" | "ended";
  authenticatedAt: number;
  lastActiveAt: number;
  reason: string;
  endedAt: number;
}

type Expected = Readonly<Record<string, unknown>>;
type Rule = (row: Row, now: number, step: Step) => Expected;

const deadlines = ({ lastActiveAt, authenticatedAt }: Row) => {
  const [idle, absolute] = [lastActiveAt + IDLE, authenticatedAt + ABSOLUTE];
  return { expiresAt: Math.min(idle, absolute), reason: absolute <= idle ? "absolute" : "idle" };
};
const live = (row: Row): Expected => ({ status: 200, expiresAt: deadlines(row).expiresAt });
const gone = ({ reason, endedAt }: Row): Expected => ({ status: 401, reason, endedAt });
const begin = (row: Row, now: number) =>
  Object.assign(row, { state: "live", authenticatedAt: now, lastActiveAt: now, reason: "", endedAt: 0 });

/** What each command does to a session that lives, to one that has ended, and where there is none. */
const TABLE: Readonly<Record<Command, Readonly<Record<Row["state"], Rule>>>> = {
  start: {
    none: (row, now) => live(begin(row, now)),
    live: (row, now) => live(begin(row, now)),
    ended: (row, now) => live(begin(row, now)),
  },
  heartbeat: {
    none: () => ({ status: 401 }),
    live(row, now, { ago }) {
      row.lastActiveAt = Math.max(row.lastActiveAt, now - ago);
      return live(row);
    },
    ended: gone,
  },
  "stale heartbeat": { none: () => ({ status: 401 }), live: () => ({ status: 409 }), ended: gone },
  end: {
    none: () => ({ status: 200 }),
    live(row, now) {
      Object.assign(row, { state: "ended", reason: "revoked", endedAt: now });
      return gone(row);
    },
    ended: gone,
  },
  reauthenticate: {
    none: () => ({ status: 401 }),
    live: (row, now) => live(begin(row, now)),
    ended: () => ({ status: 401 }),
  },
  check: { none: () => ({ status: 200 }), live, ended: gone },
  restart: { none: () => ({ status: 200 }), live, ended: gone },
};

/** The one rule that needs no command: a deadline that has come. */
function settle(row: Row, now: number): void {
  const { expiresAt, reason } = deadlines(row);
  if (row.state === "live" && now >= expiresAt)
    Object.assign(row, { state: "ended", reason, endedAt: expiresAt });
}

/** The same commands for the real verifier; answers in the table's words. */
class Real {
  sessions: SessionVerifier;
  browser: TestBrowser;
  #used = "";
  readonly #open: () => SessionStore;

  constructor(open: () => SessionStore, key: TestKey) {
    this.#open = open;
    this.sessions = this.#verifier();
    this.browser = new TestBrowser(this.sessions, key);
  }

  async do({ command, ago }: Step, now: number): Promise<Expected> {
    const { browser } = this;
    // A store that is still being opened answers 503 after a while.
    await this.sessions.ready();
    switch (command) {
      case "start":
        await browser.signIn("ann");
        await browser.bind();
        return this.#state();
      case "heartbeat":
      case "stale heartbeat": {
        if (browser.cookie === null) return { status: 401 };
        const isStale = command === "stale heartbeat";
        const heartbeat = await browser.heartbeat(
          now - ago,
          isStale ? { payload: { nonce: "stale".padEnd(43, "a") } } : {},
        );
        const { status, body } = await browser.post("/curfew/heartbeat", { heartbeat });
        this.#used = heartbeat;
        return { ...body, status };
      }
      case "end":
        if (browser.cookie !== null) await this.sessions.end(browser.live.sid);
        return this.#state();
      case "reauthenticate":
        return browser.reauthenticate("ann").then(
          () => this.#state(),
          () => ({ status: 401 }),
        );
      case "check":
        return this.#state();
      case "restart":
        await this.close();
        this.sessions = this.#verifier();
        await this.sessions.ready();
        this.browser = Object.assign(new TestBrowser(this.sessions, browser.key), {
          cookie: browser.cookie,
          status: browser.status,
        });
        return this.#state();
    }
  }

  /** A heartbeat that was accepted or refused once moves nothing a second time. */
  async replay(): Promise<void> {
    if (this.#used !== "") await this.browser.post("/curfew/heartbeat", { heartbeat: this.#used });
  }

  close(): Promise<void> {
    return this.sessions.close();
  }

  /** Guard and status must tell the same. */
  async #state(): Promise<Expected> {
    const { cookie } = this.browser;
    const { status, body } = await this.browser.ask();
    const check = await this.sessions.check(
      new Request(`${ORIGIN}/api`, { headers: cookie === null ? {} : { cookie } }),
    );
    const isLive = body.status === "active";
    expect(check.status === "active").toBe(isLive);
    if (check.status === "active") expect(check.session.expiresAt).toBe(body.expiresAt);
    return { ...body, status };
  }

  #verifier(): SessionVerifier {
    return createSessionVerifier({
      policy: POLICY,
      store: this.#open(),
      signInUrl: "/login",
      logger: SILENT,
    });
  }
}

async function follows(
  open: (clock: TestClock) => SessionStore,
  key: TestKey,
  steps: readonly Step[],
): Promise<void> {
  const clock = createTestClock();
  const real = new Real(() => open(clock), key);
  const row: Row = { state: "none", authenticatedAt: 0, lastActiveAt: 0, reason: "", endedAt: 0 };
  try {
    for (const one of steps) {
      const { expiresAt } = deadlines(row);
      const untilDeadline = Math.max(0, expiresAt - clock.now() + one.pause + 1);
      clock.advance(one.pause < 0 ? untilDeadline : one.pause);
      settle(row, clock.now());
      const expected = TABLE[one.command][row.state](row, clock.now(), one);
      expect(await real.do(one, clock.now()), `${one.command} at ${clock.now()}`).toMatchObject(expected);
      await real.replay();
    }
  } finally {
    await real.close();
  }
}

/** Any list of commands has the outcome that the table says. */
async function holds(open: (run: number) => (clock: TestClock) => SessionStore): Promise<void> {
  const key = await createTestKey();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) =>
      follows(open(run++), key, [{ command: "start", pause: 0, ago: 0 }, ...steps]),
    ),
    { numRuns: RUNS, endOnFailure: false },
  );
}

describe("a session does what the table of rules says", { timeout: PATIENCE }, () => {
  test("in memory", async () => {
    await holds(() => {
      let store: SessionStore | null = null;
      return (clock) => (store ??= memoryStore({ clock }));
    });
  });

  test("in SQLite", async () => {
    const folder = mkdtempSync(join(tmpdir(), "curfew-"));
    await holds((run) => (clock) => sqliteStore(join(folder, `${run}.db`), { clock, durability: "relaxed" }));
    rmSync(folder, { recursive: true });
  });

  describe("and", () => {
    let server: RedisServer;
    beforeAll(async () => {
      server = await startRedis();
    }, PATIENCE);
    afterAll(() => server.stop());

    test("in Redis", async () => {
      await holds((run) => (clock) => redisStore(server.url, { clock, prefix: `run-${run}` }));
    });
  });
});
