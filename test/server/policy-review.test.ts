/** `reviewBy` in the past: whoever runs the app is told once, and nothing is refused. */
import { describe, expect, test } from "vitest";
import { readPolicy } from "../../src/server/policy/policy.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { TestBrowser } from "./support/test-browser.js";
import { createTestClock } from "./support/test-clock.js";
import { createTestVerifier, MINUTE, SILENT } from "./support/test-verifier.js";

const DAY = 24 * 60 * MINUTE;
const dayOf = (instant: number) => new Date(instant).toISOString().slice(0, 10);

async function started(reviewBy: string, more: object = {}) {
  const clock = createTestClock();
  const log: string[] = [];
  const write = (line: string) => void log.push(line);
  const { sessions, audit } = createTestVerifier({
    policy: { idle: "15m", absolute: "12h", reviewBy, ...more },
    store: memoryStore({ clock }),
    logger: { ...SILENT, warn: write, error: write, info: write },
  });
  await sessions.ready();
  return { sessions, clock, log, audit };
}

describe("a policy whose reviewBy is past", () => {
  test("starts, signs people in, and says so once in the log, with who answers for it", async () => {
    const past = dayOf(createTestClock().now() - 30 * DAY);
    const { sessions, log } = await started(past, { owner: "Security office" });
    const browser = await TestBrowser.signedIn(sessions);
    expect((await browser.ask()).body.status).toBe("active");
    for (let times = 0; times < 3; times++)
      expect(await sessions.health()).toMatchObject({ status: "ok", review: { by: past, isPast: true } });
    expect(log).toEqual([
      `curfew: the policy was to be reviewed by ${past}: have whoever answers for it (Security office) look at it, and write a later reviewBy`,
    ]);
    await sessions.close();
  });

  test("has the fingerprint that it had before, so that no node differs by it", () => {
    const policy = { idle: "15m", absolute: "12h" };
    expect(readPolicy({ ...policy, reviewBy: "2020-01-01" }).fingerprint).toBe(
      readPolicy(policy).fingerprint,
    );
  });
});

test("the day itself is not past, in UTC, and the first moment of the next one is; a process that runs on says so by health alone", async () => {
  const { sessions, clock, log } = await started(dayOf(createTestClock().now()));
  const midnight = Math.floor(clock.now() / DAY) * DAY + DAY;
  clock.advance(midnight - 1 - clock.now());
  expect((await sessions.health()).review?.isPast).toBe(false);
  clock.advance(1);
  expect((await sessions.health()).review?.isPast).toBe(true);
  expect(log).toEqual([]);
  await sessions.close();
});

test("a policy without reviewBy has nothing to be reviewed", async () => {
  const { sessions } = createTestVerifier();
  await sessions.ready();
  expect((await sessions.health()).review).toBeNull();
  await sessions.close();
});

test.each(["2027-02-30", "2027-1-1", "tomorrow", "2027-01-01T00:00:00Z"])(
  "reviewBy %s is refused at start with what to write",
  (reviewBy) => {
    expect(() => readPolicy({ idle: "15m", absolute: "12h", reviewBy })).toThrow(
      `policy.reviewBy is "${reviewBy}"; write a day, such as "2027-01-31"`,
    );
  },
);
