/** Floods by who holds the cookie alone: they meet a limit, leave a few records with a count, and hold up nobody else. */
import { describe, expect, test } from "vitest";
import { createSessionVerifier } from "../../src/server/adapters/web.js";
import type { AuditRecord, AuditType } from "../../src/server/audit/audit-record.js";
import { createBursts } from "../../src/server/audit/bursts.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { createTestKey, ORIGIN, TestBrowser } from "./support/test-browser.js";
import { createTestClock } from "./support/test-clock.js";
import { createTestVerifier, MINUTE, SILENT, type TestVerifier } from "./support/test-verifier.js";

const MOST = 120;
const THIEF = "198.51.100.7";
const HOME = "203.0.113.9";

async function scene(policy?: Record<string, unknown>) {
  const verifier = createTestVerifier(policy === undefined ? {} : { policy: policy as never });
  const browser = await TestBrowser.signedIn(verifier.sessions);
  verifier.clock.advance(MINUTE);
  const post = async (
    path: string,
    body: string,
    { address = THIEF, ...headers }: Record<string, string> = {},
  ) => {
    const sent = {
      "content-type": "application/json",
      origin: ORIGIN,
      "sec-fetch-site": "same-origin",
      ...headers,
    };
    const answer = await verifier.sessions.handle(
      browser.request(path, { method: "POST", headers: sent, body }),
      {
        address,
      },
    );
    return { status: answer.status, retryAfter: answer.headers.get("retry-after") };
  };
  return { ...verifier, browser, post };
}

async function flood(times: number, send: () => Promise<{ status: number; retryAfter: string | null }>) {
  const answers: { status: number; retryAfter: string | null }[] = [];
  for (let at = 0; at < times; at++) answers.push(await send());
  return answers;
}

const recordsOf = ({ audit }: TestVerifier, type: AuditType) =>
  audit.filter((record) => record.type === type);
const countOf = (records: readonly { readonly count?: number }[]) =>
  records.reduce((sum, { count = 1 }) => sum + count, 0);

test("500 stale heartbeats meet the limit with Retry-After, and are a handful of records and a count", async () => {
  const made = await scene();
  const { browser, clock, post, sessions } = made;
  const old = JSON.stringify({
    heartbeat: await browser.heartbeat(clock.now(), { payload: { nonce: "old" } }),
  });
  const answers = await flood(500, () => post("/curfew/heartbeat", old));
  expect(answers.slice(0, MOST).every(({ status }) => status === 409)).toBe(true);
  expect(answers.slice(MOST).every(({ status }) => status === 429)).toBe(true);
  expect(Number(answers.at(-1)?.retryAfter)).toBeGreaterThan(0);
  expect(recordsOf(made, "heartbeat_refused")).toHaveLength(5);
  expect(recordsOf(made, "rate_limited")).toMatchObject([{ code: "refusals" }]);
  await sessions.close();
  expect(countOf(recordsOf(made, "heartbeat_refused"))).toBe(500);
  expect(recordsOf(made, "heartbeat_refused").at(-1)).toMatchObject({ code: "stale-nonce", count: 495 });
});

test("a flood that goes on is one record a minute, which stands for all of that minute", async () => {
  const made = await scene();
  const { browser, clock, post } = made;
  const old = JSON.stringify({
    heartbeat: await browser.heartbeat(clock.now(), { payload: { nonce: "old" } }),
  });
  for (let minute = 0; minute < 3; minute++) {
    await flood(100, () => post("/curfew/heartbeat", old));
    clock.advance(MINUTE);
  }
  await post("/curfew/heartbeat", old);
  // The first few one by one, then one a minute with what the minute before left out.
  expect(recordsOf(made, "heartbeat_refused").map(({ count = 1 }) => count)).toEqual([
    ...[1, 1, 1, 1, 1],
    ...[96, 100, 100],
  ]);
});

test("500 refused bindings meet the limit, and are a handful of records and a count", async () => {
  const made = await scene();
  const { browser, post } = made;
  const binding = JSON.stringify({ binding: await browser.binding(await createTestKey()) });
  const answers = await flood(500, () => post("/curfew/key", binding));
  expect(answers.map(({ status }) => status)).toEqual([...Array(MOST).fill(409), ...Array(380).fill(429)]);
  expect(recordsOf(made, "key_refused")).toHaveLength(5);
  await made.sessions.close();
  expect(countOf(recordsOf(made, "key_refused"))).toBe(500);
});

test.each<[string, string, string, Record<string, string>, number]>([
  ["of another session", "/curfew/end", '{"sid":"another"}', {}, 409],
  ["that say nothing", "/curfew/end", "{}", {}, 400],
  ["that are no JSON", "/curfew/heartbeat", "{", {}, 400],
  ["with a heartbeat that is none", "/curfew/heartbeat", '{"heartbeat":"a.b.c"}', {}, 400],
  ["with a binding that is none", "/curfew/key", '{"binding":"a.b.c"}', {}, 400],
  ["of another media type", "/curfew/heartbeat", "{}", { "content-type": "text/plain" }, 400],
  ["that are too large", "/curfew/heartbeat", `{"heartbeat":"${"a".repeat(5_000)}"}`, {}, 413],
  [
    "of another origin of the site",
    "/curfew/end",
    "{}",
    { origin: "https://www.app.test", "sec-fetch-site": "same-site" },
    403,
  ],
])("posts %s meet the limit too", async (_name, path, body, headers, status) => {
  const { post, browser, clock } = await scene();
  const answers = await flood(MOST + 20, () => post(path, body, headers));
  expect(answers.map((answer) => answer.status)).toEqual([
    ...Array(MOST).fill(status),
    ...Array(20).fill(429),
  ]);
  expect((await browser.beat(clock.now())).status).toBe(200);
});

test("posts with a cookie that names nothing, or with none, are told so however many they are", async () => {
  const { browser, post } = await scene();
  for (const cookie of ["__Host-curfew=unknown", null]) {
    browser.cookie = cookie;
    const answers = await flood(300, () => post("/curfew/end", '{"sid":"another"}'));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
  }
});

describe("the person's own browser, while the flood goes on,", () => {
  async function flooded() {
    const made = await scene();
    const { browser, clock, post } = made;
    const old = JSON.stringify({
      heartbeat: await browser.heartbeat(clock.now(), { payload: { nonce: "old" } }),
    });
    await flood(MOST + 50, () => post("/curfew/heartbeat", old));
    const beat = async (address: string) => {
      clock.advance(MINUTE);
      const body = JSON.stringify({ heartbeat: await browser.heartbeat(clock.now()) });
      return (await post("/curfew/heartbeat", body, { address })).status;
    };
    return { ...made, old, beat };
  }

  test("is heard at another address, and told there what is the matter with a stale nonce", async () => {
    const { beat, post, browser, old } = await flooded();
    expect(await beat(HOME)).toBe(200);
    expect((await post("/curfew/heartbeat", old, { address: HOME })).status).toBe(409);
    await browser.ask();
    expect(await beat(HOME)).toBe(200);
  });

  test("is heard at the very address of the flood", async () => {
    const { beat, browser, post } = await flooded();
    expect(await beat(THIEF)).toBe(200);
    await browser.ask();
    expect(await beat(THIEF)).toBe(200);
    const end = JSON.stringify({ sid: browser.live.sid });
    expect((await post("/curfew/end", end)).status).toBe(204);
  });

  test("has other sessions at that address untouched", async () => {
    const { sessions, clock } = await flooded();
    const other = await TestBrowser.signedIn(sessions, { subject: "bob" });
    const old = await other.heartbeat(clock.now(), { payload: { nonce: "old" } });
    expect((await other.post("/curfew/heartbeat", { heartbeat: old })).status).toBe(409);
    expect((await other.beat(clock.now())).status).toBe(200);
  });
});

test("the few conflicts of a browser with many tabs are no flood", async () => {
  const made = await scene();
  const { browser, clock } = made;
  for (let minute = 0; minute < 20; minute++) {
    const late = await browser.heartbeat(clock.now());
    await browser.beat(clock.now());
    for (let tab = 0; tab < 3; tab++)
      expect((await browser.post("/curfew/heartbeat", { heartbeat: late })).status).toBe(409);
    await browser.ask();
    clock.advance(MINUTE);
  }
  expect(recordsOf(made, "rate_limited")).toEqual([]);
  expect(countOf(recordsOf(made, "heartbeat_refused"))).toBe(60);
});

test("1,000 calls of a route that asks for a step-up are a handful of records and a count", async () => {
  const made = await scene();
  const { browser, sessions, clock } = made;
  clock.advance(5 * MINUTE);
  for (let at = 0; at < 1_000; at++)
    expect((await sessions.check(browser.request("/pay"), { fresh: "5m" })).status).toBe("stale");
  expect(recordsOf(made, "step_up_required")).toHaveLength(5);
  await sessions.close();
  expect(countOf(recordsOf(made, "step_up_required"))).toBe(1_000);
});

test("a session that is asked for from two networks by turns leaves a handful of records and a count", async () => {
  const made = await scene({
    idle: "15m",
    absolute: "12h",
    rules: [{ networks: ["10.0.0.0/8"], idle: "10m" }],
  });
  const { browser, sessions } = made;
  for (let at = 0; at < 200; at++)
    await sessions.handle(browser.request("/curfew/session"), { address: at % 2 ? "10.0.0.1" : HOME });
  expect(recordsOf(made, "session_context_changed").length).toBeLessThanOrEqual(15);
});

test("500 navigations that a program makes up are a handful of records and a count, and the last tells the deadline", async () => {
  const audit: AuditRecord[] = [];
  const clock = createTestClock();
  const sessions = createSessionVerifier({
    policy: { idle: "15m", absolute: "12h", withoutScript: "navigation" },
    store: memoryStore({ clock }),
    signInUrl: "/login",
    logger: SILENT,
    onEvent: (record) => audit.push(record),
  });
  const { headers } = await sessions.start(new Request(ORIGIN, { method: "POST" }), { subject: "ann" });
  const page = sessions.page();
  const navigation = {
    cookie: headers.getSetCookie()[0]?.split(";")[0] ?? "",
    "sec-fetch-mode": "navigate",
    "sec-fetch-user": "?1",
    "sec-fetch-dest": "document",
    "sec-fetch-site": "same-origin",
  };
  for (let at = 0; at < 500; at++) {
    clock.advance(50);
    await page(new Request(`${ORIGIN}/notes`, { headers: navigation }));
  }
  const [session] = await sessions.list("ann");
  const renewals = audit.filter(({ type }) => type === "session_renewed");
  expect(renewals).toHaveLength(5);
  await sessions.close();
  const last = audit.findLast(({ type }) => type === "session_renewed");
  expect(last).toMatchObject({ intent: "navigation", count: 495 });
  expect(Date.parse(last?.expiresAt ?? "")).toBe(session?.idleExpiresAt);
});

test("500 silent answers of a provider after an end are a handful of records and a count", async () => {
  const made = createTestVerifier();
  const { sessions, clock } = made;
  const authenticatedAt = clock.now();
  const signIn = () => sessions.start(new Request(ORIGIN), { subject: "ann", authenticatedAt });
  await signIn();
  clock.advance(20 * MINUTE);
  for (let at = 0; at < 500; at++)
    await expect(signIn()).rejects.toMatchObject({ code: "stale-authentication" });
  expect(recordsOf(made, "idp_silent_sign_in")).toHaveLength(5);
  await sessions.close();
  expect(countOf(recordsOf(made, "idp_silent_sign_in"))).toBe(500);
});

describe("what is left out of the records", () => {
  test("is told two minutes later, where nothing like it has come since", () => {
    const bursts = createBursts();
    const told: [number, number][] = [];
    const tell = (count: number, at: number) => told.push([count, at]);
    for (let at = 0; at < 10; at++) bursts.tell("a", 1_000 + at, tell);
    expect(told).toHaveLength(5);
    expect(bursts.hasRest()).toBe(true);
    bursts.tellRest(1_000 + 2 * MINUTE - 1);
    expect(told).toHaveLength(5);
    bursts.tellRest(1_000 + 2 * MINUTE);
    expect(told.at(-1)).toEqual([5, 1_009]);
    expect(bursts.hasRest()).toBe(false);
    bursts.tell("a", 1_000 + 3 * MINUTE, tell);
    expect(told.at(-1)).toEqual([1, 1_000 + 3 * MINUTE]);
  });

  test("is told where so many others come that it is forgotten", () => {
    const bursts = createBursts();
    let events = 0;
    const tell = (count: number) => {
      events += count;
    };
    for (let at = 0; at < 8; at++) bursts.tell("a", 0, tell);
    for (let other = 0; other < 10_000; other++) bursts.tell(`b ${other}`, 1, tell);
    expect(events).toBe(8 + 10_000);
    expect(bursts.hasRest()).toBe(false);
  });
});
