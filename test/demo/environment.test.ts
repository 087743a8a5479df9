/** What the demo reads from its environment, and what it refuses. */
import { describe, expect, test } from "vitest";
import { type Environment, EnvironmentError, readEnvironment } from "../../demo/environment.js";

const refusalOf = (env: Environment): string => {
  try {
    readEnvironment(env);
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message;
    throw error;
  }
  throw new Error("the environment was accepted");
};

describe("the demo's environment", () => {
  test("needs nothing: 75 seconds idle, a quarter of an hour in all, within the policy's bounds", () => {
    expect(readEnvironment({})).toEqual({
      port: 3000,
      idle: 75_000,
      absolute: 900_000,
      warning: 25_000,
      heartbeat: 7_500,
      fresh: 300_000,
      store: { kind: "sqlite", path: null },
      name: "curfew",
      cookie: "host",
      warnEarly: false,
      unsafeForTesting: false,
    });
  });

  test.each([
    ["4s", { idle: 4_000, absolute: 900_000, warning: 2_000, heartbeat: 400, unsafeForTesting: true }],
    ["500ms", { idle: 500, absolute: 900_000, warning: 250, heartbeat: 100 }],
    [
      "2m",
      { idle: 120_000, absolute: 1_200_000, warning: 25_000, heartbeat: 12_000, unsafeForTesting: false },
    ],
  ])("derives a whole policy from CURFEW_IDLE=%s alone", (idle, expected) => {
    expect(readEnvironment({ CURFEW_IDLE: idle })).toMatchObject(expected);
  });

  test("never lets a default contradict what is set", () => {
    expect(readEnvironment({ CURFEW_ABSOLUTE: "10s" })).toMatchObject({ idle: 10_000, absolute: 10_000 });
    expect(readEnvironment({ CURFEW_WARNING: "70s" }).heartbeat).toBe(2_500);
  });

  test("takes every duration that is given", () => {
    const env = {
      CURFEW_IDLE: "15m",
      CURFEW_ABSOLUTE: "12h",
      CURFEW_WARNING: "2m",
      CURFEW_HEARTBEAT: "30s",
      CURFEW_FRESH: "90s",
    };
    expect(readEnvironment(env)).toMatchObject({
      idle: 900_000,
      absolute: 43_200_000,
      warning: 120_000,
      heartbeat: 30_000,
      fresh: 90_000,
      unsafeForTesting: false,
    });
  });

  test.each(["4", "-4s", "0s", "soon", "4 fortnights", "Infinity", "99d"])(
    "refuses CURFEW_IDLE=%s and says what to write",
    (idle) => {
      expect(refusalOf({ CURFEW_IDLE: idle })).toMatch(/^CURFEW_IDLE is ".*such as CURFEW_IDLE=4s/);
    },
  );

  test.each([
    [{ CURFEW_IDLE: "20m", CURFEW_ABSOLUTE: "10m" }, "write CURFEW_IDLE=10m or less"],
    [{ CURFEW_IDLE: "30s", CURFEW_WARNING: "30s" }, "write CURFEW_WARNING=15s or less"],
    [{ CURFEW_HEARTBEAT: "30s" }, "write CURFEW_HEARTBEAT=25000ms or less"],
    [{ PORT: "70000" }, "PORT=0 for any free port"],
    [{ CURFEW_NAME: "two words" }, "such as CURFEW_NAME=notes"],
    [{ CURFEW_WARN_EARLY: "true" }, "write CURFEW_WARN_EARLY=machine-like"],
    [{ CURFEW_COOKIE: "secure" }, "write CURFEW_COOKIE=plain"],
    [{ CURFEW_STORE: "sqlite:" }, "write CURFEW_STORE=memory: or CURFEW_STORE=sqlite:sessions.db"],
  ])("refuses %o", (env, advice) => {
    expect(refusalOf(env)).toContain(advice);
  });

  test("names every mistake at once", () => {
    expect(refusalOf({ CURFEW_IDLE: "x", PORT: "y" }).split("\n")).toHaveLength(2);
  });

  test("takes the URL of a Redis, and does not repeat the password in one that is wrong", () => {
    const url = "redis://:hunter2@localhost:6379";
    expect(readEnvironment({ CURFEW_STORE: url }).store).toEqual({ kind: "redis", url });
    const refusal = refusalOf({ CURFEW_STORE: "redis:hunter2@localhost" });
    expect(refusal).toContain("redis://127.0.0.1:6379");
    expect(refusal).not.toContain("hunter2");
  });

  test("takes the URL of a PostgreSQL, and does not repeat the password in one that is wrong", () => {
    const url = "postgresql://ann:hunter2@localhost/app";
    expect(readEnvironment({ CURFEW_STORE: url }).store).toEqual({ kind: "postgres", url });
    const refusal = refusalOf({ CURFEW_STORE: "postgres:ann:hunter2@localhost" });
    expect(refusal).toContain("CURFEW_STORE=postgres://user@127.0.0.1/name");
    expect(refusal).not.toContain("hunter2");
  });

  test("reads the stores, the name and the plain cookie, which is for tests only", () => {
    expect(readEnvironment({ CURFEW_STORE: "memory:" }).store).toEqual({ kind: "memory" });
    expect(readEnvironment({ CURFEW_STORE: "sqlite:a/b.db" }).store).toEqual({
      kind: "sqlite",
      path: "a/b.db",
    });
    expect(readEnvironment({ CURFEW_NAME: "notes", CURFEW_COOKIE: "plain" })).toMatchObject({
      name: "notes",
      cookie: "plain",
      unsafeForTesting: true,
    });
  });
});
