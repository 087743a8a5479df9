/** A team corrects its configuration in one go: every mistake is told, and an unknown key is named beside the known one. */
import { describe, expect, test } from "vitest";
import { createSessionVerifier } from "../../src/server/adapters/node.js";
import { ConfigurationError } from "../../src/server/platform/errors.js";
import { likelyKey } from "../../src/server/policy/likely-key.js";
import { readPolicy } from "../../src/server/policy/policy.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { postgresStore } from "../../src/server/stores/postgres/store.js";
import { redisStore } from "../../src/server/stores/redis/store.js";
import { sqliteStore } from "../../src/server/stores/sqlite/store.js";
import { readOptions } from "../../src/server/verifier/read-options.js";
import { SILENT } from "./support/test-verifier.js";

function linesOf(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message.split("\n");
    throw error;
  }
  return [];
}

const saying = (...words: readonly string[]) =>
  expect.stringMatching(
    new RegExp(words.map((word) => word.replace(/[.[\]()?"]/g, "\\$&")).join(".*")),
  ) as string;

describe("a policy", () => {
  test("names an unknown key beside what is missing, and the key that was meant", () => {
    expect(linesOf(() => readPolicy({ idleTimeout: "15m", absolute: "12h" }))).toEqual([
      saying("policy.idle is missing", 'idle: "15m"'),
      saying('policy has an unknown key "idleTimeout"', "known keys: name, idle", 'did you mean "idle"?'),
    ]);
  });

  test("tells of every unknown key, every wrong value and every rule at once", () => {
    const lines = linesOf(() =>
      readPolicy({
        idle_timeout: "15m",
        absoluteTimeout: "12h",
        warning: "2",
        heartbeet: "30s",
        rules: [
          { roles: ["admin"], idel: "5m" },
          { role: ["clerk"], networks: ["nowhere"] },
          { routes: ["/admin/**"], fresh: "5" },
        ],
      }),
    );
    expect(lines).toEqual(
      expect.arrayContaining([
        saying("policy.idle is missing"),
        saying("policy.absolute is missing"),
        saying('policy.warning is "2"'),
        saying('unknown key "idle_timeout"', 'did you mean "idle"?'),
        saying('unknown key "absoluteTimeout"', 'did you mean "absolute"?'),
        saying('unknown key "heartbeet"', 'did you mean "heartbeat"?'),
        saying('policy.rules[0] has an unknown key "idel"', 'did you mean "idle"?'),
        saying('policy.rules[1] has an unknown key "role"', 'did you mean "roles"?'),
        saying('policy.rules[1].networks.0 is "nowhere"'),
        saying('policy.rules[2].fresh is "5"'),
      ]),
    );
    expect(lines).toHaveLength(10);
  });

  test("tells of an unknown key and of numbers that do not go together at once", () => {
    expect(linesOf(() => readPolicy({ idle: "15m", absolute: "10m", warning: "1s", idel: "1m" }))).toEqual([
      saying('unknown key "idel"'),
      saying("policy.idle (15m) is longer than policy.absolute (10m)"),
      saying("policy.warning (1s) is under"),
    ]);
  });

  test("of an unknown preset is not said to lack what the preset would have given", () => {
    expect(linesOf(() => readPolicy({ preset: "pci", idel: "5m" }))).toEqual([
      saying('policy.preset is "pci"', "known presets"),
      saying('unknown key "idel"'),
    ]);
  });
});

describe("the options of the verifier", () => {
  test("tell of their own mistakes and of the policy's at once", () => {
    const lines = linesOf(() =>
      readOptions(
        {
          policy: { idleTimeout: "15m", absolute: "12h" },
          loginUrl: "/login",
          Origins: [],
          trustProxies: ["loopback"],
          cookie: "lax",
          limits: { state: 5, failure: 6, status: 0 },
        },
        "production",
      ),
    );
    expect(lines).toEqual(
      expect.arrayContaining([
        saying("options.signInUrl is missing", 'signInUrl: "/login"'),
        saying('unknown key "loginUrl"', 'did you mean "signInUrl"?'),
        saying('unknown key "Origins"', 'did you mean "origins"?'),
        saying('unknown key "trustProxies"', 'did you mean "trustProxy"?'),
        saying('options.cookie must be "host" or "plain"'),
        saying('unknown key "limits.state"', "known keys: status, failures", 'did you mean "status"?'),
        saying('unknown key "limits.failure"', 'did you mean "failures"?'),
        saying("options.limits.status must be at least 1"),
        saying("policy.idle is missing"),
        saying('policy has an unknown key "idleTimeout"'),
      ]),
    );
  });

  test("that are right but for the store say in production what to write", () => {
    const options = {
      policy: { idle: "15m", absolute: "12h" },
      signInUrl: "/login",
      logger: SILENT,
      sotre: 1,
    };
    expect(linesOf(() => readOptions(options, "production"))).toEqual([
      saying('unknown key "sotre"', 'did you mean "store"?'),
      saying("options.store is missing"),
    ]);
  });

  test("that miss everything are told what to write for each", () => {
    expect(linesOf(() => readOptions({}, "production"))).toEqual([
      saying("options.policy is missing", 'policy: { idle: "15m"'),
      saying("options.signInUrl is missing"),
    ]);
  });

  test("never name what stands on the prototype of an object, nor a key's value", () => {
    const lines = linesOf(() =>
      createSessionVerifier(JSON.parse('{"__proto__":{"policy":1},"secrets":"hunter2hunter2"}')),
    );
    expect(lines.join("\n")).not.toContain("hunter2");
    expect(lines).toContainEqual(saying('unknown key "__proto__"'));
  });
});

test.each<[string, () => unknown, string]>([
  ["SQLite", () => sqliteStore(":memory:", { durabilty: "relaxed" } as never), "durability"],
  ["Redis", () => redisStore({ send: async () => null }, { prefx: "a" } as never), "prefix"],
  ["PostgreSQL", () => postgresStore("postgres://a@b/c", { shema: "a" } as never), "schema"],
  ["memory", () => memoryStore({ clocks: 1 } as never), "clock"],
])("an unknown option of the %s store is refused with the one that was meant", (_name, open, meant) => {
  expect(linesOf(open)).toEqual([saying("Store's options has an unknown key", `did you mean "${meant}"?`)]);
});

test("a wrong durability and a wrong clock of a store are refused", () => {
  expect(linesOf(() => sqliteStore(":memory:", { durability: "none", clock: 7 } as never))).toEqual([
    saying("sqliteStore's options.clock must be a clock"),
    saying('sqliteStore\'s options.durability must be "full" or "relaxed"'),
  ]);
});

test.each([
  ["idleTimeout", "idle"],
  ["IDLE", "idle"],
  ["max-idle", "idle"],
  ["absoluteTimeout", "absolute"],
  ["warningPeriod", "warning"],
  ["warn", "warning"],
  ["hartbeat", "heartbeat"],
  ["x", null],
  ["colour", null],
  ["", null],
])("%j is taken for %j", (unknown, known) => {
  expect(likelyKey(unknown, ["name", "idle", "absolute", "warning", "heartbeat"])).toBe(known);
});
