import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readPolicy } from "../../src/server/policy/policy.js";
import type { PolicyOptions, RuleOptions } from "../../src/server/policy/policy.types.js";
import { resolveTimeouts, type SessionContext } from "../../src/server/policy/resolve.js";
import { networksOf } from "../../src/server/policy/rule-networks.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const GOOD = { idle: "15m", absolute: "12h" };
const NOBODY: SessionContext = { roles: [], attributes: {}, networks: [] };
const as = (...roles: string[]): SessionContext => ({ ...NOBODY, roles });

function resolved(context: SessionContext, ...rules: readonly RuleOptions[]) {
  return resolveTimeouts(readPolicy({ ...GOOD, rules }), context);
}

test("without a rule that matches, the policy's own numbers hold", () => {
  const policy = readPolicy({
    ...GOOD,
    warning: "14m",
    heartbeat: "10s",
    rules: [{ roles: ["a"], idle: "5m" }],
  });
  expect(resolveTimeouts(policy, NOBODY)).toEqual({
    idleTimeout: 15 * MINUTE,
    absoluteTimeout: 12 * HOUR,
    warningPeriod: 14 * MINUTE,
    heartbeatInterval: 10_000,
    rules: [],
  });
});

const clerk = { roles: ["clerk", "teller"], idle: "5m" };
const both = {
  roles: ["clerk"],
  attributes: { desk: "cash", floor: 2 },
  networks: ["10.0.0.0/8"],
  idle: "5m",
};
const whole = { roles: ["clerk"], attributes: { desk: "cash", floor: 2 }, networks: ["10.0.0.0/8"] };

test.each<[string, RuleOptions, SessionContext, boolean]>([
  ["one of its roles", clerk, as("visitor", "teller"), true],
  ["none of its roles", clerk, as("visitor", "Clerk"), false],
  ["everything that it names", both, whole, true],
  ["another role", both, { ...whole, roles: ["visitor"] }, false],
  ["one attribute of two", both, { ...whole, attributes: { desk: "cash" } }, false],
  ["an attribute of another value", both, { ...whole, attributes: { desk: "cash", floor: 3 } }, false],
  ["an attribute of another type", both, { ...whole, attributes: { desk: "cash", floor: "2" } }, false],
  ["another network", both, { ...whole, networks: ["192.168.0.0/16"] }, false],
  [
    "an attribute that is not its own",
    { attributes: { desk: "cash" }, idle: "5m" },
    { ...NOBODY, attributes: Object.create({ desk: "cash" }) },
    false,
  ],
])(
  "of a session with %s, whether the rule matches is decided by all its selectors",
  (_name, rule, context, matches) => {
    const { idleTimeout, rules } = resolved(context, { name: "it", ...rule });
    expect({ idleTimeout, rules }).toEqual(
      matches ? { idleTimeout: 5 * MINUTE, rules: ["it"] } : { idleTimeout: 15 * MINUTE, rules: [] },
    );
  },
);

test("of several rules the strictest number wins, each by itself", () => {
  const rules = [
    { roles: ["a"], idle: "5m" },
    { name: "long", roles: ["b"], idle: "10m", absolute: "1h" },
    { roles: ["c"], absolute: "2h" },
  ];
  expect(resolved(as("a", "b", "c"), ...rules)).toMatchObject({
    idleTimeout: 5 * MINUTE,
    absoluteTimeout: HOUR,
    rules: ["rules[0]", "long", "rules[2]"],
  });
});

test("a rule that relaxes lifts the policy, and the strictest of several lifts least", () => {
  const wall = { roles: ["wall"], idle: "8h", relax: true };
  const room = { roles: ["room"], idle: "1h", absolute: "20h", relax: true };
  expect(resolved(as("wall"), wall, room)).toMatchObject({
    idleTimeout: 8 * HOUR,
    absoluteTimeout: 12 * HOUR,
  });
  expect(resolved(as("room"), wall, room)).toMatchObject({ idleTimeout: HOUR, absoluteTimeout: 20 * HOUR });
  expect(resolved(as("wall", "room"), wall, room)).toMatchObject({
    idleTimeout: HOUR,
    absoluteTimeout: 20 * HOUR,
  });
});

test("a rule that relaxes never makes anything shorter, even beside an equal number", () => {
  const rule = { roles: ["wall"], idle: "15m", absolute: "20h", relax: true };
  expect(resolved(as("wall"), rule)).toMatchObject({ idleTimeout: 15 * MINUTE, absoluteTimeout: 20 * HOUR });
  const looser = { ...readPolicy({ ...GOOD, rules: [rule] }), idleTimeout: HOUR };
  expect(resolveTimeouts(looser, as("wall")).idleTimeout).toBe(HOUR);
});

test("a rule that tightens wins over one that relaxes", () => {
  const wall = { roles: ["wall"], idle: "8h", relax: true };
  expect(resolved(as("wall", "admin"), wall, { roles: ["admin"], idle: "5m" }).idleTimeout).toBe(5 * MINUTE);
  const short = { roles: ["admin"], absolute: "1h" };
  expect(resolved(as("wall", "admin"), wall, short)).toMatchObject({
    idleTimeout: HOUR,
    absoluteTimeout: HOUR,
  });
});

test("a rule with routes takes no part in a session's numbers", () => {
  expect(resolved(as("a"), { roles: ["a"], routes: ["/**"], idle: "5m", absolute: "1h" })).toMatchObject({
    idleTimeout: 15 * MINUTE,
    absoluteTimeout: 12 * HOUR,
    rules: [],
  });
});

test("warning and heartbeat come with the rule that gave the idle timeout", () => {
  const own = { roles: ["own"], idle: "10m", warning: "1m", heartbeat: "20s" };
  const none = { roles: ["none"], idle: "3m" };
  const tiny = { roles: ["tiny"], idle: "35s" };
  const least = { roles: ["least"], idle: "27s" };
  const wall = { roles: ["wall"], idle: "8h", relax: true };
  const periods = (...roles: string[]) => {
    const { warningPeriod, heartbeatInterval } = resolved(as(...roles), own, none, tiny, least, wall);
    return [warningPeriod, heartbeatInterval];
  };
  expect(periods("own")).toEqual([MINUTE, 20_000]);
  expect(periods("none")).toEqual([90_000, 18_000]);
  expect(periods("own", "none")).toEqual([90_000, 18_000]);
  expect(periods("tiny")).toEqual([25_000, 5_000]);
  expect(periods("least")).toEqual([25_000, 1_000]);
  expect(periods("wall")).toEqual([2 * MINUTE, MINUTE]);
});

test("of rules with the same idle the longest warning and the shortest heartbeat hold, in any order", () => {
  const a = { roles: ["a"], idle: "10m", warning: "3m", heartbeat: "20s" };
  const b = { roles: ["a"], idle: "10m", warning: "1m", heartbeat: "10s" };
  const expected = { warningPeriod: 3 * MINUTE, heartbeatInterval: 10_000 };
  expect(resolved(as("a"), a, b)).toMatchObject(expected);
  expect(resolved(as("a"), b, a)).toMatchObject(expected);
});

test("a rule that repeats the policy's idle keeps the policy's warning", () => {
  const policy = readPolicy({
    ...GOOD,
    warning: "30s",
    rules: [{ roles: ["a"], idle: "15m", absolute: "8h" }],
  });
  expect(resolveTimeouts(policy, as("a"))).toMatchObject({
    warningPeriod: 30_000,
    absoluteTimeout: 8 * HOUR,
  });
});

const minutes = (min: number, max: number) => fc.integer({ min, max }).map((number) => `${number}m`);
const tightening = fc
  .record({ idle: minutes(1, 15), absolute: minutes(15, 720) })
  .map((numbers): RuleOptions => ({ roles: ["a"], ...numbers }));
const relaxing = fc.oneof(
  minutes(16, 700).map((idle): RuleOptions => ({ roles: ["a"], idle, relax: true })),
  minutes(721, 2_000).map((absolute): RuleOptions => ({ roles: ["a"], absolute, relax: true })),
);

test("adding a rule that matches and does not relax never lengthens anything; the numbers keep their bounds", () => {
  void fc.assert(
    fc.property(fc.array(fc.oneof(tightening, relaxing), { maxLength: 5 }), tightening, (rules, added) => {
      const before = resolved(as("a"), ...rules);
      const after = resolved(as("a"), ...rules, added);
      expect(after.idleTimeout).toBeLessThanOrEqual(before.idleTimeout);
      expect(after.absoluteTimeout).toBeLessThanOrEqual(before.absoluteTimeout);
      expect(after.idleTimeout).toBeLessThanOrEqual(after.absoluteTimeout);
      expect(after.warningPeriod).toBeGreaterThanOrEqual(25_000);
      expect(after.warningPeriod).toBeLessThan(after.idleTimeout);
      expect(after.heartbeatInterval).toBeGreaterThanOrEqual(1_000);
      expect(after.heartbeatInterval).toBeLessThanOrEqual(after.idleTimeout / 3);
      expect(after.heartbeatInterval).toBeLessThanOrEqual((after.idleTimeout - after.warningPeriod) / 2);
    }),
  );
});

test("the order of the rules changes nothing but the order of their names", () => {
  void fc.assert(
    fc.property(fc.array(fc.oneof(tightening, relaxing), { maxLength: 5 }), (rules) => {
      const { rules: _forwards, ...forwards } = resolved(as("a"), ...rules);
      const { rules: _backwards, ...backwards } = resolved(as("a"), ...[...rules].reverse());
      expect(backwards).toEqual(forwards);
    }),
  );
});

const ROOMS = ["10.0.0.0/8", "192.168.1.7", "2001:db8::/32", "::ffff:172.16.0.0/108", "loopback"];
const rooms: PolicyOptions = {
  ...GOOD,
  rules: [
    { networks: ROOMS, idle: "5m" },
    { networks: ["10.1.0.0/16", "10.0.0.0/8"], idle: "4m" },
  ],
};

test.each<[string | null, readonly string[]]>([
  ["10.2.0.1", ["10.0.0.0/8"]],
  ["10.1.0.1", ["10.0.0.0/8", "10.1.0.0/16"]],
  ["::ffff:10.2.0.1", ["10.0.0.0/8"]],
  ["::FFFF:a02:1", ["10.0.0.0/8"]],
  ["11.0.0.1", []],
  ["192.168.1.7", ["192.168.1.7"]],
  ["192.168.1.8", []],
  ["2001:db8:1::1%eth0", ["2001:db8::/32"]],
  ["2001:db9::1", []],
  ["172.16.3.4", ["::ffff:172.16.0.0/108"]],
  ["127.0.0.1", ["loopback"]],
  ["::1", ["loopback"]],
  ["10.2.0.1:443", ["10.0.0.0/8"]],
  ["[2001:db8::9]:443", ["2001:db8::/32"]],
  ["167772161", ["unknown"]],
  ["010.2.0.1", ["unknown"]],
  ["unknown", ["unknown"]],
  ["", ["unknown"]],
  [null, ["unknown"]],
])("the address %s lies in the networks %j", (address, networks) => {
  expect(networksOf(readPolicy(rooms), address)).toEqual(networks);
});
