/** Random lives of three browsers before one provider: no session lives on an authentication from before its browser's end. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSessionVerifier, type SessionVerifier } from "../../src/server/adapters/node.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { createTestClock } from "./support/test-clock.js";
import { MINUTE, SILENT } from "./support/test-verifier.js";

const SUBJECT = "ann";
const SKEW = 5_000;
const second = (at: number) => Math.floor(at / 1_000) * 1_000;

/** What the test knows of a session, whatever the verifier has been told. */
interface Lived {
  readonly sid: string;
  readonly cookie: string;
  readonly startedAt: number;
  readonly expiresAt: number;
  /** Null while nobody has ended it otherwise than by time. */
  endedAt: number | null;
}

interface Browser {
  readonly lived: Lived[];
  /** From which of them on an old cookie can be put back. */
  oldest: number;
  /** What stands in its cookie jar. */
  cookie: string | null;
  /** The provider's session in this browser. */
  idp: { readonly sid: string; authenticatedAt: number } | null;
}

type Carries = "its cookie" | "no cookie" | "an old cookie";

type Step =
  | { readonly type: "wait"; readonly duration: number }
  | { readonly type: "authenticate"; readonly at: number; readonly behind: number }
  | { readonly type: "sign-in"; readonly at: number; readonly carries: Carries; readonly tells: boolean }
  | { readonly type: "password"; readonly at: number; readonly carries: Carries }
  | { readonly type: "leave"; readonly at: number; readonly how: "signed-out" | "revoked" }
  | { readonly type: "look"; readonly at: number };

const at = fc.nat(2);
const carries = fc.constantFrom<Carries>("its cookie", "no cookie", "an old cookie");
const how = fc.constantFrom("signed-out" as const, "revoked" as const);
const duration = fc.oneof(fc.integer({ min: 1, max: 20 * MINUTE }), fc.constant(15 * MINUTE));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant("wait" as const), duration }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("authenticate" as const), at, behind: fc.nat(SKEW) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant("sign-in" as const), at, carries, tells: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("password" as const), at, carries }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("leave" as const), at, how }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("look" as const), at }) },
);

class World {
  readonly clock = createTestClock();
  readonly browsers: readonly Browser[] = [0, 1, 2].map(() => ({
    lived: [],
    oldest: 0,
    cookie: null,
    idp: null,
  }));
  readonly nodes: readonly SessionVerifier[];
  #idps = 0;
  refused = 0;
  started = 0;

  constructor() {
    const store = memoryStore({ clock: this.clock });
    const options = {
      policy: { idle: "15m", absolute: "2h", warning: "2m" },
      signInUrl: "/",
      logger: SILENT,
      store,
    };
    this.nodes = [createSessionVerifier(options), createSessionVerifier(options)];
  }

  async run(what: Step): Promise<void> {
    if (what.type === "wait") return void this.clock.advance(what.duration);
    const browser = this.browsers[what.at] as Browser;
    if (what.type === "authenticate") {
      const authenticatedAt = second(this.clock.now() - what.behind);
      if (browser.idp === null) browser.idp = { sid: `provider-session-${++this.#idps}`, authenticatedAt };
      else browser.idp.authenticatedAt = Math.max(browser.idp.authenticatedAt, authenticatedAt);
    } else if (what.type === "sign-in") await this.signIn(browser, what);
    else if (what.type === "password") await this.start(browser, what.carries, {});
    else if (what.type === "look") await this.node.check(requestWith(browser.cookie));
    else await this.leave(browser, what.how);
  }

  async signIn(browser: Browser, { carries: carried, tells }: { carries: Carries; tells: boolean }) {
    if (browser.idp === null) return;
    const { authenticatedAt, sid } = browser.idp;
    const now = this.clock.now();
    const idp = tells ? { idp: { iss: "https://id.test", sid } } : {};
    // A live session that the browser presents vouches for the person: nobody has left.
    const presented = this.lived.find(({ cookie }) => cookie === this.cookieOf(browser, carried));
    const isVouchedFor = presented !== undefined && isAlive(presented, now);
    const newest = Math.max(...browser.lived.map((lived) => endByTime(lived, now)));
    const everywhere = Math.max(...this.lived.map((lived) => endByTime(lived, now)));
    const code = await this.start(browser, carried, { authenticatedAt, ...idp });
    const isStale = authenticatedAt + SKEW < second(newest);
    if (isStale && !isVouchedFor)
      expect(code, `authenticated ${newest - authenticatedAt} ms before the end`).not.toBe("started");
    const isFresh = authenticatedAt >= second(everywhere) && authenticatedAt + 2 * 60 * MINUTE > now;
    if (isFresh) expect(code, "authenticated after every end").toBe("started");
  }

  async start(browser: Browser, carried: Carries, options: object): Promise<string> {
    const now = this.clock.now();
    const cookie = this.cookieOf(browser, carried);
    try {
      const { session, headers } = await this.node.start(requestWith(cookie), {
        subject: SUBJECT,
        ...options,
      });
      const replaced = this.lived.find((lived) => lived.cookie === cookie);
      if (replaced !== undefined && isAlive(replaced, now)) replaced.endedAt = now;
      // A live session whose cookie was withheld goes on beside the new one, as another browser's would.
      if (browser.lived.some((lived) => isAlive(lived, now))) browser.oldest = browser.lived.length;
      browser.cookie = headers.getSetCookie()[0]?.split(";")[0] ?? null;
      const { sid, startedAt, expiresAt } = session;
      browser.lived.push({ sid, cookie: browser.cookie ?? "", startedAt, expiresAt, endedAt: null });
      this.started++;
      return "started";
    } catch (error) {
      const { code } = Object(error) as { readonly code?: string };
      if (code === "stale-authentication") this.refused++;
      else expect(["authentication-too-old", "revoked"]).toContain(code);
      return String(code);
    }
  }

  async leave(browser: Browser, how: "signed-out" | "revoked"): Promise<void> {
    const now = this.clock.now();
    const lived = browser.lived.find(({ cookie }) => cookie === browser.cookie);
    if (lived === undefined) return;
    await this.node.end(lived.sid, how);
    if (isAlive(lived, now)) lived.endedAt = now;
    if (how === "signed-out") browser.cookie = null;
  }

  /** An old cookie is one that the same browser has had. */
  cookieOf(browser: Browser, carried: Carries): string | null {
    if (carried === "no cookie") return null;
    return carried === "its cookie" ? browser.cookie : (browser.lived[browser.oldest]?.cookie ?? null);
  }

  get lived(): readonly Lived[] {
    return this.browsers.flatMap(({ lived }) => lived);
  }

  /** Either of two, in turn. */
  get node(): SessionVerifier {
    return this.nodes[this.clock.now() % 2] as SessionVerifier;
  }
}

function requestWith(cookie: string | null): Request {
  return new Request("https://app.test/", cookie === null ? {} : { headers: { cookie } });
}

function isAlive({ endedAt, expiresAt }: Lived, now: number): boolean {
  return endedAt === null && now < expiresAt;
}

function endByTime({ endedAt, expiresAt }: Lived, now: number): number {
  return endedAt === null && now >= expiresAt ? expiresAt : Number.NEGATIVE_INFINITY;
}

describe("in random lives of three browsers", () => {
  test("no session lives on an authentication from before an end by time of its browser, and none since is refused", async () => {
    const seen = { refused: 0, started: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
        const world = new World();
        for (const one of steps) await world.run(one);
        seen.refused += world.refused;
        seen.started += world.started;
        for (const node of world.nodes) await node.close();
      }),
      { numRuns: 150 },
    );
    expect(seen.refused).toBeGreaterThan(100);
    expect(seen.started).toBeGreaterThan(300);
  });
});
