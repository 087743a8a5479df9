import { expect, test } from "vitest";
import { createSessionVerifier } from "../../src/server/adapters/node.js";
import { ConfigurationError } from "../../src/server/platform/errors.js";
import { readPolicy } from "../../src/server/policy/policy.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { readOptions } from "../../src/server/verifier/read-options.js";
import { SILENT } from "./support/test-verifier.js";

const GOOD = { idle: "15m", absolute: "12h", warning: "2m" };

test.each([
  ["no policy at all", undefined, /policy must be an object, such as \{ idle: "15m"/],
  ["an unknown key", { ...GOOD, idel: "5m" }, /unknown key "idel"; known keys: name, idle, absolute/],
  ["no idle", { absolute: "12h" }, /policy\.idle is missing; write for example idle: "15m"/],
  ["no absolute", { idle: "15m" }, /policy\.absolute is missing; every session needs an absolute timeout/],
  [
    "a number",
    { ...GOOD, idle: 900 },
    /policy\.idle is 900; write a duration as text with its unit, such as "15m"/,
  ],
  ["no unit", { ...GOOD, idle: "15" }, /policy\.idle is "15"; write a duration with its unit/],
  ["an empty text", { ...GOOD, idle: "" }, /policy\.idle is ""; write a duration/],
  ["an unknown unit", { ...GOOD, idle: "15 minits" }, /policy\.idle is "15 minits"; write a duration/],
  ["zero", { ...GOOD, idle: "0m" }, /policy\.idle is "0m"; a duration must be longer than nothing/],
  ["a negative duration", { ...GOOD, idle: "-5m" }, /policy\.idle is "-5m"; write a duration/],
  ["NaN", { ...GOOD, idle: Number.NaN }, /policy\.idle is NaN; write a duration/],
  [
    "a duration that no timer holds",
    { ...GOOD, absolute: "25d" },
    /policy\.absolute is "25d"; the longest duration is 24 days/,
  ],
  [
    "a warning that is too short for people",
    { ...GOOD, warning: "24s" },
    /policy\.warning \(24s\) is under 25s.*WCAG 2\.2\.1.*write warning: "25s"/,
  ],
  [
    "a warning as long as idle",
    { ...GOOD, warning: "15m" },
    /policy\.warning \(15m\) must be shorter than policy\.idle/,
  ],
  [
    "an idle longer than absolute",
    { ...GOOD, absolute: "10m" },
    /policy\.idle \(15m\) is longer than policy\.absolute \(10m\)/,
  ],
  [
    "a heartbeat above a third of idle",
    { ...GOOD, heartbeat: "6m" },
    /policy\.heartbeat \(6m\) is too long.*write heartbeat: "300000ms" or less/,
  ],
  [
    "a heartbeat above half of what the warning leaves",
    { ...GOOD, warning: "13m", heartbeat: "90s" },
    /write heartbeat: "60000ms" or less/,
  ],
  [
    "a word for a switch",
    { ...GOOD, unsafeForTesting: "yes" },
    /policy\.unsafeForTesting must be true or false/,
  ],
  [
    "an unknown answer",
    { ...GOOD, dismissWarning: "mouse" },
    /policy\.dismissWarning must be "explicit" or "activity"/,
  ],
])("a policy with %s is refused with what to write", (_name, policy, message) => {
  expect(() => readPolicy(policy)).toThrow(message);
});

test.each([
  ["15m", 60_000],
  ["10m", 60_000],
  ["2m", 12_000],
  ["60s", 6_000],
  ["40s", 5_000],
])("with idle %s a heartbeat goes out every %i ms by default", (idle, heartbeatInterval) => {
  expect(readPolicy({ idle, absolute: "12h" }).heartbeatInterval).toBe(heartbeatInterval);
});

test("unsafeForTesting lifts the lower bounds and nothing else", () => {
  const policy = { idle: "4s", absolute: "1m", warning: "2s", heartbeat: "400ms", unsafeForTesting: true };
  expect(readPolicy(policy)).toMatchObject({
    idleTimeout: 4_000,
    heartbeatInterval: 400,
    unsafeForTesting: true,
  });
  expect(() => readPolicy({ ...policy, heartbeat: "1100ms" })).toThrow(/too long/);
  expect(() => readPolicy({ ...policy, absolute: "2s" })).toThrow(/is longer than/);
});

test("the fingerprint is the policy's own", () => {
  expect(readPolicy(GOOD).fingerprint).toBe(
    readPolicy({ warning: "120s", absolute: "720m", idle: "900s" }).fingerprint,
  );
  expect(readPolicy(GOOD).fingerprint).not.toBe(readPolicy({ ...GOOD, idle: "14m" }).fingerprint);
});

const OPTIONS = { policy: GOOD, signInUrl: "/login", store: memoryStore(), logger: SILENT };

test.each([
  ["nothing", undefined, /was given undefined; give it \{ policy, store, signInUrl \}/],
  ["no signInUrl", { policy: GOOD }, /options\.signInUrl is missing; write for example signInUrl: "\/login"/],
  [
    "an unknown key",
    { ...OPTIONS, sotre: 1 },
    /options has an unknown key "sotre"; known keys: policy, store/,
  ],
  [
    "a signInUrl of another host",
    { ...OPTIONS, signInUrl: "//evil.test" },
    /options\.signInUrl must be a path such as "\/login"/,
  ],
  [
    "a script as signInUrl",
    { ...OPTIONS, signInUrl: "javascript:alert(1)" },
    /options\.signInUrl must be a path/,
  ],
  [
    "a base with a slash at its end",
    { ...OPTIONS, base: "/curfew/" },
    /options\.base must be a path such as "\/curfew"/,
  ],
  [
    "an origin with a path",
    { ...OPTIONS, origins: ["https://a.test/app"] },
    /options\.origins\.0 must be an origin such as/,
  ],
  ["a star for origins", { ...OPTIONS, origins: ["*"] }, /options\.origins\.0 must be an origin/],
  ["a wrong proxy", { ...OPTIONS, trustProxy: ["nonsense"] }, /options\.trustProxy cannot be used/],
  [
    "a plain cookie in earnest",
    { ...OPTIONS, cookie: "plain" },
    /options\.cookie "plain" needs unsafeForTesting/,
  ],
  ["a short secret", { ...OPTIONS, secret: "short" }, /options\.secret must have at least 32 characters/],
  ["a name that no cookie can have", { ...OPTIONS, name: "my app" }, /options\.name must be 1 to 40 letters/],
  [
    "a path for a store",
    { ...OPTIONS, store: "curfew.db" },
    /options\.store must be a store, such as sqliteStore/,
  ],
  ["a function for a sink", { ...OPTIONS, audit: () => {} }, /options\.audit must be a sink/],
])("options with %s are refused at start with what to write", (_name, options, message) => {
  expect(() => createSessionVerifier(options as never)).toThrow(message);
});

test("a guard with an unknown option is refused at start", () => {
  const sessions = createSessionVerifier(OPTIONS);
  expect(() => sessions.guard({ fresch: "5m" } as never)).toThrow(
    /guard has an unknown key "fresch"; known keys: fresh, idle, roles, scope, proof, page/,
  );
  expect(() => sessions.guard({ fresh: "5" })).toThrow(/guard\.fresh is "5"; write a duration/);
});

test.each([
  [{ path: 5 }, /check\.path must be a path, such as "\/transfer", or null/],
  [{ path: ["/a"] }, /check\.path must be a path/],
  [{ pth: "/a" }, /check has an unknown key "pth"; .*"path"/],
  [{ fresh: 5 }, /check\.fresh is 5; write a duration/],
  [null, /check must be an object, such as/],
  ["/a", /check must be an object, such as/],
])("check() refuses %j with what to write", async (options, message) => {
  const sessions = createSessionVerifier(OPTIONS);
  const request = new Request("http://localhost/");
  await expect(sessions.check(request, options as never)).rejects.toThrow(ConfigurationError);
  await expect(sessions.check(request, options as never)).rejects.toThrow(message);
});

test.each([null, "ann", 5])(
  "a call about a person that is given %j and no object says so",
  async (options) => {
    const sessions = createSessionVerifier(OPTIONS);
    const request = new Request("http://localhost/");
    const said = RegExp(
      `was given ${options === null ? "null" : `a ${typeof options}`}; it takes an object of `,
    );
    await expect(sessions.start(request, options as never)).rejects.toThrow(said);
    await expect(sessions.update(request, options as never)).rejects.toThrow(said);
  },
);

test("production needs a store; elsewhere the log says that memory forgets", () => {
  const warnings: string[] = [];
  const options = {
    policy: GOOD,
    signInUrl: "/login",
    logger: { ...SILENT, warn: (line: string) => warnings.push(line) },
  };
  expect(() => readOptions(options, "production")).toThrow(/options\.store is missing; in production/);
  expect(readOptions(options, "development").store.name).toBe("memory");
  expect(warnings).toEqual([expect.stringMatching(/kept in memory and end with this process/)]);
});

test("names the keys that are known where the unknown one stands", () => {
  expect(() => createSessionVerifier({ ...OPTIONS, limits: { heartbeats: 3 } as never })).toThrow(
    'options has an unknown key "limits.heartbeats"; known keys: status, failures',
  );
});

test.each([
  "//evil.example/login",
  "/\\evil.example",
  "/anmeldung-für-alle",
  "/log in",
  "javascript:alert(1)",
])("refuses the sign-in URL %s", (signInUrl) => {
  expect(() => createSessionVerifier({ ...OPTIONS, signInUrl })).toThrow(/options\.signInUrl must be a path/);
});
