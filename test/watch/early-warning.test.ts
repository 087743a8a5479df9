/** `watch.warnEarly`: a suspicion opens the ordinary warning, an answer closes it, and nothing ends by it. */
import { describe, expect, test, vi } from "vitest";
import { comparePolicies } from "../../src/server/policy/difference.js";
import { explainPolicy } from "../../src/server/policy/explain.js";
import { policyOfDocument } from "../../src/server/policy/kept-policy.js";
import { policyDocument, readPolicy } from "../../src/server/policy/policy.js";
import type { PolicyOptions } from "../../src/server/policy/policy.types.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionVerifierOptions } from "../../src/server/verifier/options.js";
import { TestBrowser } from "../server/support/test-browser.js";
import { createTestClock } from "../server/support/test-clock.js";
import { createTestVerifier, MINUTE, SILENT, type TestVerifier } from "../server/support/test-verifier.js";
import { paced } from "../timing.js";

const IDLE = 15 * MINUTE;
const WARNING = 2 * MINUTE;
const PATIENCE = { timeout: paced(10_000) };
const LIMITS = { period: "4m", samples: 4 };

const policyWith = (more: Partial<PolicyOptions> = {}): PolicyOptions =>
  ({
    idle: "15m",
    absolute: "12h",
    warning: "2m",
    watch: { warnEarly: ["machine-like"], rules: { "machine-like": LIMITS } },
    ...more,
  }) as PolicyOptions;

const open = (options: Partial<SessionVerifierOptions> = {}) =>
  createTestVerifier({ policy: policyWith(), watch: {}, ...options });

const typesOf = ({ audit }: TestVerifier) => audit.map(({ type }) => type);

/** Reports as a device makes them: one kind of input, each minute to the millisecond. */
async function jiggle({ clock }: Pick<TestVerifier, "clock">, browser: TestBrowser, times = 6) {
  for (let beat = 0; beat < times; beat++) {
    clock.advance(MINUTE);
    expect((await browser.beat(clock.now())).status).toBe(200);
  }
}

async function suspected(verifier: TestVerifier) {
  const browser = await TestBrowser.signedIn(verifier.sessions);
  await jiggle(verifier, browser);
  await vi.waitFor(() => expect(typesOf(verifier)).toContain("session_warned_early"), PATIENCE);
  return browser;
}

describe("a suspicion of a rule that the policy names", () => {
  test("makes the status say a longer warning, and changes nothing else of the session", async () => {
    const verifier = open();
    const browser = await TestBrowser.signedIn(verifier.sessions);
    await jiggle(verifier, browser, 4);
    const { body: before } = await browser.ask();
    expect(before.warningPeriod).toBe(WARNING);
    await jiggle(verifier, browser, 2);
    await vi.waitFor(() => expect(typesOf(verifier)).toContain("session_warned_early"), PATIENCE);
    const { body: after } = await browser.ask();
    const { warningPeriod, ...others } = after;
    expect(warningPeriod).toBe(IDLE);
    const now = verifier.clock.now();
    expect(others).toEqual({
      ...before,
      warningPeriod: undefined,
      now,
      nonce: after.nonce,
      lastActiveAt: now,
      idleExpiresAt: now + IDLE,
      expiresAt: now + IDLE,
    });
    expect(verifier.audit.at(-1)).toMatchObject({ type: "session_warned_early", rule: "machine-like" });
    expect(JSON.stringify(after)).not.toMatch(/suspic|machine|early/);
  });

  test("movement does not close the warning, and the button does, until the rule speaks again", async () => {
    const verifier = open();
    const browser = await suspected(verifier);
    await jiggle(verifier, browser, 2);
    expect((await browser.ask()).body.warningPeriod).toBe(IDLE);
    const answer = await browser.beat(verifier.clock.now(), { payload: { intent: "extend" } });
    expect(answer.body.warningPeriod).toBe(WARNING);
    expect(verifier.audit.at(-1)).toMatchObject({ type: "session_renewed", intent: "extend" });
    await jiggle(verifier, browser, 20);
    expect((await browser.ask()).body.warningPeriod).toBe(WARNING);
    // The quiet period is an hour.
    await jiggle(verifier, browser, 45);
    await vi.waitFor(
      () => expect(typesOf(verifier).filter((type) => type === "session_warned_early")).toHaveLength(2),
      PATIENCE,
    );
    expect((await browser.ask()).body.warningPeriod).toBe(IDLE);
  });

  test("ends nothing: unanswered, the session ends at the deadline that it had, as idle", async () => {
    const verifier = open();
    const browser = await suspected(verifier);
    const { expiresAt } = (await browser.ask()).body;
    verifier.clock.advance(IDLE - 1);
    expect((await browser.ask()).body.status).toBe("active");
    verifier.clock.advance(1);
    await browser.ask();
    expect(verifier.audit.at(-1)).toMatchObject({
      type: "session_expired",
      reason: "idle",
      endedAt: new Date(Number(expiresAt)).toISOString(),
    });
  });

  test("a person who proves anew who they are has answered", async () => {
    const verifier = open();
    const browser = await suspected(verifier);
    await browser.reauthenticate("ann");
    expect((await browser.ask()).body.warningPeriod).toBe(WARNING);
  });

  test("holds on every node of the store, over a restart too", async () => {
    const clock = createTestClock();
    const store = memoryStore({ clock });
    const [first, other] = [open({ store }), open({ store })];
    const browser = await suspected({ ...first, clock });
    const elsewhere = new TestBrowser(other.sessions, browser.key);
    elsewhere.cookie = browser.cookie;
    expect((await elsewhere.ask()).body.warningPeriod).toBe(IDLE);
  });

  test("under a policy that names none any more the warning is the usual one", async () => {
    const clock = createTestClock();
    const store = memoryStore({ clock });
    const browser = await suspected({ ...open({ store }), clock });
    const { sessions } = createTestVerifier({ store });
    const later = new TestBrowser(sessions, browser.key);
    later.cookie = browser.cookie;
    expect((await later.ask()).body.warningPeriod).toBe(WARNING);
  });

  test("asks nobody whose answer could not help: the absolute timeout comes first", async () => {
    const verifier = open({ policy: policyWith({ absolute: "16m" }) });
    const browser = await TestBrowser.signedIn(verifier.sessions);
    await jiggle(verifier, browser);
    await vi.waitFor(() => expect(typesOf(verifier)).toContain("alert_raised"), PATIENCE);
    await verifier.sessions.close();
    expect(typesOf(verifier)).not.toContain("session_warned_early");
  });

  test("opens nothing while the policy only observes, which its record says, nor once it is enforced", async () => {
    const clock = createTestClock();
    const enforceFrom = new Date(clock.now() + 60 * MINUTE).toISOString();
    const policy = policyWith({ enforce: false, enforceFrom });
    const verifier = { ...open({ policy, store: memoryStore({ clock }) }), clock };
    const browser = await suspected(verifier);
    expect(verifier.audit.findLast(({ type }) => type === "session_warned_early")).toMatchObject({
      rule: "machine-like",
      enforced: false,
    });
    expect((await browser.ask()).body.warningPeriod).toBe(WARNING);
    clock.advance(53 * MINUTE);
    await browser.beat(clock.now());
    clock.advance(2 * MINUTE);
    const { warningPeriod, policy: told } = (await browser.ask()).body;
    expect(warningPeriod).toBe(WARNING);
    expect(told).not.toHaveProperty("enforceFromAt");
    expect(typesOf(verifier).filter((type) => type === "session_warned_early")).toHaveLength(1);
  });

  test("is told in the log where the store does not take it, and the session goes on as it was", async () => {
    const clock = createTestClock();
    const store = memoryStore({ clock });
    let isAway = false;
    const error = vi.fn();
    const replace: typeof store.replace = (record, expected) =>
      isAway && record.early !== undefined
        ? Promise.reject(new Error("gone"))
        : store.replace(record, expected);
    const verifier = open({ store: { ...store, replace }, logger: { ...SILENT, error } });
    const browser = await TestBrowser.signedIn(verifier.sessions);
    isAway = true;
    await jiggle({ clock }, browser);
    await vi.waitFor(() => {
      const lines = error.mock.calls.map(([line]) => String(line));
      expect(lines.some((line) => line.includes("was not opened early (machine-like)"))).toBe(true);
    }, PATIENCE);
    expect((await browser.ask()).body.warningPeriod).toBe(WARNING);
  });
});

test("without the option an alert opens no warning", async () => {
  const policy = policyWith({ watch: { rules: { "machine-like": LIMITS } } });
  const verifier = open({ policy });
  const browser = await TestBrowser.signedIn(verifier.sessions);
  await jiggle(verifier, browser);
  await vi.waitFor(() => expect(typesOf(verifier)).toContain("alert_raised"), PATIENCE);
  expect((await browser.ask()).body.warningPeriod).toBe(WARNING);
  await verifier.sessions.close();
  expect(typesOf(verifier)).not.toContain("session_warned_early");
});

test("a copied profile: the warning opens for both who use it, and the answer of one closes it for both", async () => {
  const policy = policyWith({ watch: { warnEarly: ["two-places"] } });
  const verifier = open({ policy });
  const { sessions, clock, audit } = verifier;
  const owner = await TestBrowser.signedIn(sessions);
  const copy = new TestBrowser(sessions, owner.key);
  copy.cookie = owner.cookie;
  await copy.ask();
  /** Each goes on from a nonce that the other has used up. */
  const inTurn = async () => {
    for (const browser of [owner, copy]) {
      clock.advance(MINUTE);
      const { status } = await browser.beat(clock.now());
      if (status === 409) await browser.ask();
    }
  };
  const hasWarned = () => typesOf(verifier).includes("session_warned_early");
  for (let turn = 0; turn < 4; turn++) await inTurn();
  await vi.waitFor(() => expect(hasWarned()).toBe(true), PATIENCE);
  expect(audit.find(({ type }) => type === "session_warned_early")).toMatchObject({ rule: "two-places" });
  const periods = async () => [(await owner.ask()).body.warningPeriod, (await copy.ask()).body.warningPeriod];
  expect(await periods()).toEqual([IDLE, IDLE]);
  clock.advance(MINUTE);
  expect((await copy.beat(clock.now(), { payload: { intent: "extend" } })).status).toBe(200);
  expect(await periods()).toEqual([WARNING, WARNING]);
});

describe("the policy", () => {
  const plain = readPolicy({ idle: "15m", absolute: "12h" });
  const early = (...warnEarly: readonly ("machine-like" | "two-places")[]) =>
    readPolicy({ idle: "15m", absolute: "12h", watch: { warnEarly } });

  test("has the option in its fingerprint, whatever the order, and in its explanation", () => {
    expect(early("machine-like").fingerprint).not.toBe(plain.fingerprint);
    expect(early("machine-like", "two-places").fingerprint).toBe(
      early("two-places", "machine-like", "two-places").fingerprint,
    );
    expect(explainPolicy(early("two-places"))).toContain(
      "Where two-places speaks, the session's ordinary warning opens early, until a person answers it by its button; the deadline stays.",
    );
    expect(explainPolicy(plain)).not.toContain("opens early");
  });

  test("is compared: to name a rule is stricter, to leave it out looser, also with what a store has kept", () => {
    const kept = policyOfDocument(policyDocument(early("machine-like")));
    if (kept === null) throw new Error("the document cannot be read");
    const key = "watch.warnEarly machine-like";
    expect(comparePolicies(plain, kept)).toMatchObject([{ effect: "stricter", key, from: "no", to: "yes" }]);
    expect(comparePolicies(kept, plain)).toMatchObject([{ effect: "looser", key, from: "yes", to: "no" }]);
    expect(comparePolicies(kept, early("machine-like"))).toEqual([]);
  });

  test.each<[string, object, object | undefined, string]>([
    [
      "true",
      { warnEarly: true },
      {},
      'policy.watch.warnEarly must be a list of rules by name, such as ["machine-like"]',
    ],
    ["nothing", { warnEarly: [] }, {}, "policy.watch.warnEarly must name at least one rule"],
    [
      "a rule that speaks of no session",
      { warnEarly: ["clock"] },
      {},
      'policy.watch.warnEarly.0 is "clock"; write some of: machine-like, two-places',
    ],
    ["another spelling", { warnearly: ["machine-like"] }, {}, 'did you mean "warnEarly"?'],
    [
      "a rule where nothing is watched",
      { warnEarly: ["machine-like"] },
      undefined,
      "policy.watch.warnEarly names machine-like, and the watch does not run it; write watch: {}",
    ],
    [
      "a rule that the watch leaves out",
      { warnEarly: ["machine-like", "two-places"] },
      { rules: ["forged"] },
      "names machine-like, two-places, and the watch does not run them; add machine-like, two-places to options.watch.rules",
    ],
  ])("%s is refused at start", (_what, own, watch, message) => {
    const options = watch === undefined ? {} : { watch };
    const policy = { idle: "15m", absolute: "12h", watch: own } as PolicyOptions;
    expect(() => createTestVerifier({ policy, ...options } as Partial<SessionVerifierOptions>)).toThrow(
      message,
    );
  });

  test("an answer that any movement gives is refused beside it", () => {
    expect(() => readPolicy(policyWith({ dismissWarning: "activity" }))).toThrow(
      'dismissWarning "activity" lets any movement answer it; leave dismissWarning out, or warnEarly',
    );
  });
});
