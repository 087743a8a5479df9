import { expect, test } from "vitest";
import { explainPolicy } from "../../src/server/policy/explain.js";
import { readPolicy } from "../../src/server/policy/policy.js";

const TIMES = { idle: "15m", absolute: "12h" };

test("a page in sight learns of an end elsewhere within 10 s unless the policy says otherwise", () => {
  expect(readPolicy(TIMES).reachPeriod).toBe(10_000);
  expect(readPolicy({ ...TIMES, reach: "30s" }).reachPeriod).toBe(30_000);
  expect(readPolicy({ ...TIMES, reach: false }).reachPeriod).toBe(0);
  expect(readPolicy({ ...TIMES, reach: "off" }).reachPeriod).toBe(0);
});

test.each([
  [true, 'policy.reach is true; write a duration as text with its unit, such as "15m" or "90s"'],
  [10, 'policy.reach is 10; write a duration as text with its unit, such as "15m" or "90s"'],
  [null, 'policy.reach is null; write a duration as text with its unit, such as "15m" or "90s"'],
  ["soon", 'policy.reach is "soon"; write a duration with its unit, such as "15m" or "90s"'],
  ["0s", 'policy.reach is "0s"; a duration must be longer than nothing'],
  [
    "500ms",
    'policy.reach (500ms) is under 1s; write reach: "1s" or more, or false to let pages wait for their next question',
  ],
  [
    "5m",
    'policy.reach (5m) is over 1m; write reach: "1m" or less, or false to let pages wait for their next question',
  ],
])("reach: %j is refused at start, with what to write", (reach, message) => {
  expect(() => readPolicy({ ...TIMES, reach })).toThrow(message);
});

test("tests may have a shorter one", () => {
  expect(readPolicy({ ...TIMES, reach: "100ms", unsafeForTesting: true }).reachPeriod).toBe(100);
});

test("the fingerprint tells another reach, and is what it was before there was one", () => {
  const { fingerprint } = readPolicy(TIMES);
  expect(readPolicy({ ...TIMES, reach: "10s" }).fingerprint).toBe(fingerprint);
  const others = [false, "5s", "30s"].map((reach) => readPolicy({ ...TIMES, reach }).fingerprint);
  expect(new Set([fingerprint, ...others]).size).toBe(4);
});

test("the policy in plain text says how soon", () => {
  expect(explainPolicy(readPolicy({ ...TIMES, reach: "5s" }))).toContain(
    "  A page in sight learns of it within 5s by a stream; where no stream stands it asks within a minute.",
  );
  expect(explainPolicy(readPolicy({ ...TIMES, reach: false }))).toContain(
    "An end elsewhere\n  A page learns of it at its next question.",
  );
});
