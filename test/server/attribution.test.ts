/** Who acted, why and from where, as the audit trail tells it. */
import { expect, onTestFinished, test, vi } from "vitest";
import { createSessionVerifier } from "../../src/server/adapters/web.js";
import type { AuditRecord } from "../../src/server/audit/audit-record.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { ActedBy } from "../../src/server/subject/acted-by.js";
import { holdRecord } from "./support/audit-schema.js";
import { TestBrowser } from "./support/test-browser.js";
import { createTestClock } from "./support/test-clock.js";
import { createTestVerifier, MINUTE, SILENT } from "./support/test-verifier.js";

const ADMIN = { actor: "admin-7", note: "ticket 4711" };
const last = (audit: readonly AuditRecord[], type: string) =>
  audit.findLast((record) => record.type === type);

test("every call that ends sessions says in each one's record who made it, and why", async () => {
  const { sessions, audit } = createTestVerifier();
  const begin = async () => (await TestBrowser.signedIn(sessions, { bind: false })).live.sid;
  const calls: readonly ((sid: string, by?: ActedBy) => Promise<unknown>)[] = [
    (sid, by) => sessions.end(sid, "revoked", by),
    (_sid, by) => sessions.endAll("ann", "revoked", by),
    (_sid, by) => sessions.endByIdp({ iss: "https://idp.test", sub: "ann" }, "revoked", by),
    (_sid, by) => sessions.endEverything(by),
  ];
  for (const call of calls) {
    await call(await begin(), ADMIN);
    expect(last(audit, "session_revoked")).toMatchObject(ADMIN);
    await call(await begin());
    expect(last(audit, "session_revoked")).toMatchObject({ actor: "app" });
    expect(last(audit, "session_revoked")).not.toHaveProperty("note");
  }
  const [kept, other] = [await begin(), await begin()];
  await sessions.endOthers(kept, "signed-out", ADMIN);
  expect(last(audit, "session_logout")).toMatchObject({ sid: other, ...ADMIN });
});

test("news of a person says who brought it, beside where the request came from", async () => {
  const { sessions, audit } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const request = browser.request("/", { headers: { "user-agent": "Mozilla/5.0 Firefox/140.0" } });
  await sessions.update(request, { roles: ["admin"], ...ADMIN });
  expect(last(audit, "session_updated")).toMatchObject({ ...ADMIN, from: expect.any(String) });
});

test("an app's own sessions are ended and moved by whom the call names", async () => {
  const id = { now: "an-id-of-the-apps-own-session" };
  const identify = () => ({ id: id.now, subject: "ann", authenticatedAt: Date.now() });
  const clock = createTestClock(Date.now());
  const { sessions, audit } = createTestVerifier({ identify, store: memoryStore({ clock }) });
  await sessions.check(new Request("https://app.test/"));
  await sessions.moved(id.now, "another-id-of-the-apps-own", ADMIN);
  expect(last(audit, "session_moved")).toMatchObject(ADMIN);
  await sessions.endOwn("another-id-of-the-apps-own", "revoked", ADMIN);
  expect(last(audit, "session_revoked")).toMatchObject(ADMIN);
});

test("a person who signs out in the browser is the one who acted, and a deadline is nobody's act", async () => {
  const { sessions, audit, clock } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  await browser.post("/curfew/end", { sid: browser.live.sid });
  expect(last(audit, "session_logout")).toMatchObject({ actor: "person" });
  const other = await TestBrowser.signedIn(sessions);
  await sessions.signOut(other.request("/logout", { method: "POST" }));
  expect(last(audit, "session_logout")).toMatchObject({ sid: other.live.sid, actor: "person" });
  const idle = await TestBrowser.signedIn(sessions);
  clock.advance(15 * MINUTE);
  // Whoever asks first finds the end, and has not done it.
  await sessions.end(idle.live.sid, "revoked", ADMIN);
  const record = last(audit, "session_expired");
  expect(record).toMatchObject({ sid: idle.live.sid, reason: "idle" });
  for (const member of ["actor", "note", "from"]) expect(record).not.toHaveProperty(member);
});

test("sessions that ended together say who ended them, though another node writes their ends", async () => {
  const store = memoryStore({ clock: createTestClock() });
  const one = createTestVerifier({ store });
  const two = createTestVerifier({ store });
  const browser = await TestBrowser.signedIn(one.sessions);
  const list = vi.spyOn(store, "listBySubject").mockResolvedValue({ found: [], next: null });
  await one.sessions.endAll("ann", "revoked", ADMIN);
  list.mockRestore();
  expect(last(one.audit, "session_revoked")).toBeUndefined();
  const request = browser.request("/", { headers: { "user-agent": "Mozilla/5.0 Firefox/140.0" } });
  expect((await two.sessions.check(request)).status).toBe("ended");
  const record = last(two.audit, "session_revoked");
  expect(record).toMatchObject(ADMIN);
  // The request that found it out is not where it was done.
  expect(record).not.toHaveProperty("from");
});

test.each<[string, object | null | number]>([
  ["bad-actor", { actor: "" }],
  ["bad-actor", { actor: "a".repeat(201) }],
  ["bad-actor", { actor: 7 }],
  ["bad-actor", { actor: null }],
  ["bad-actor", { actor: "\uD800" }],
  ["bad-note", { note: "" }],
  ["bad-note", { note: "n".repeat(1_001) }],
  ["unknown-option", { actr: "admin-7" }],
  ["unknown-option", 5],
])("%s: a call that says %j of itself is refused, and nothing ends", async (code, by) => {
  const { sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const { sid } = browser.live;
  const given: never = by as never;
  const refused = { name: "SessionError", code, status: 400 };
  await expect(sessions.end(sid, "revoked", given)).rejects.toMatchObject(refused);
  await expect(sessions.endAll("ann", "revoked", given)).rejects.toMatchObject(refused);
  await expect(sessions.endEverything(given)).rejects.toMatchObject(refused);
  expect((await browser.ask()).status).toBe(200);
});

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const CHROMIUM =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

/** What the trail says of a sign-in from there. */
async function placeOf(
  address: string | undefined,
  agent: string | undefined,
  secret = "a secret of at least 32 characters",
): Promise<string | undefined> {
  const records: AuditRecord[] = [];
  const sessions = createSessionVerifier({
    policy: { idle: "15m", absolute: "12h" },
    store: memoryStore(),
    signInUrl: "/login",
    logger: SILENT,
    secret,
    audit: { write: holdRecord },
    onEvent: (record) => records.push(record),
  });
  onTestFinished(() => sessions.close());
  const headers = agent === undefined ? {} : { "user-agent": agent };
  const request = new Request("https://app.test/sign-in", { method: "POST", headers });
  await sessions.start(request, { subject: "ann" }, address === undefined ? {} : { address });
  const text = JSON.stringify(records);
  if (address !== undefined) expect(text).not.toContain(address);
  expect(text).not.toContain("Firefox");
  return last(records, "session_created")?.from;
}

test("one network and one family of browsers is one place; another of either, or another key, is another", async () => {
  const home = await placeOf("203.0.113.7", FIREFOX);
  expect(home).toMatch(/^[\w-]{43}$/);
  expect(await placeOf("203.0.113.7", FIREFOX.replaceAll("140", "141"))).toBe(home);
  const others = [
    await placeOf("203.0.113.8", FIREFOX),
    await placeOf("203.0.113.7", CHROMIUM),
    await placeOf(undefined, FIREFOX),
    await placeOf("203.0.113.7", FIREFOX, "another secret of at least 32 characters"),
  ];
  expect(new Set([home, ...others]).size).toBe(5);
  expect(await placeOf("2001:db8::1", FIREFOX)).toBe(await placeOf("2001:db8::2", FIREFOX));
  expect(await placeOf(undefined, undefined)).toBeUndefined();
});

test("what a browser does has its place, and a record that stands for several events has none", async () => {
  const { sessions, audit } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  for (let wrong = 0; wrong < 8; wrong++)
    await browser.post(
      "/curfew/heartbeat",
      { heartbeat: await browser.heartbeat(0, { payload: { nonce: "x" } }) },
      { "user-agent": FIREFOX },
    );
  await sessions.close();
  const refused = audit.filter(({ type }) => type.startsWith("heartbeat_"));
  expect(refused.length).toBeGreaterThan(1);
  for (const { count = 1, from } of refused) expect(from === undefined).toBe(count > 1);
});

test("a place stays the same for all people and after one was forgotten, under a key of their own too", async () => {
  const { sessions, audit } = createTestVerifier({ pseudonyms: "own" });
  const signIn = async (subject: string) => {
    const request = new Request("https://app.test/sign-in", {
      method: "POST",
      headers: { "user-agent": FIREFOX },
    });
    const { session } = await sessions.start(request, { subject });
    return audit.find(({ sid, type }) => sid === session.sid && type === "session_created");
  };
  const before = await signIn("ann");
  await sessions.forget("ann", ADMIN);
  const [after, other] = [await signIn("ann"), await signIn("bob")];
  expect(before?.from).toEqual(expect.any(String));
  expect([after?.from, other?.from]).toEqual([before?.from, before?.from]);
  expect(new Set([before, after, other].map((record) => record?.subject)).size).toBe(3);
});
