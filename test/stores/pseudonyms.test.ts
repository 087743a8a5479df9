/** Each person under a key of their own, in every store, on several nodes: it stays, and goes with `forget` alone. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { readVerifierKey, verifyLog } from "../../src/evidence/index.js";
import type { AuditRecord } from "../../src/server/audit/audit-record.js";
import { contentsOf as readSignedLog } from "../../src/server/audit/log/directory.js";
import { signedLog } from "../../src/server/audit/log/signed-log.js";
import { keyedHash } from "../../src/server/platform/secrets.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionStore } from "../../src/server/stores/store.js";
import { createTestKey, ORIGIN, TestBrowser } from "../server/support/test-browser.js";
import { createTestClock } from "../server/support/test-clock.js";
import { createTestVerifier, SILENT } from "../server/support/test-verifier.js";
import { paced } from "../timing.js";
import { describeEveryStore, type EveryStore } from "./support/every-store.js";

const DAY = 24 * 60 * 60_000;
const SECRET = "the-secret-of-every-node-0123456789abcdef";
const OWN = { secret: SECRET, pseudonyms: "own" } as const;
const IDP = { iss: "https://id.test", sid: "provider-session-of-ann" };

type Node = Awaited<ReturnType<EveryStore["node"]>>;

async function signIn(
  { sessions }: Node,
  subject = "ann",
  more: Readonly<Record<string, unknown>> = {},
): Promise<TestBrowser> {
  const browser = new TestBrowser(sessions, await createTestKey());
  await browser.signIn(subject, more);
  return browser;
}

const created = (audit: readonly AuditRecord[]) => audit.filter(({ type }) => type === "session_created");
const subjectsOf = (records: readonly AuditRecord[]) => new Set(records.map(({ subject }) => subject));

/** All that whoever holds the store can read. */
async function storeText(store: SessionStore, subjects: readonly string[]): Promise<string> {
  const kept: unknown[] = [];
  for await (const record of store.all("curfew")) kept.push(record);
  for (const subject of subjects) kept.push(await store.findSubject("curfew", subject));
  return JSON.stringify(kept);
}

describeEveryStore(paced(60_000), (open) => {
  test("a person has one name on all nodes and for years, and it is not the secret's", async () => {
    const { node, clock, open: openStore } = open();
    const [one, other] = [await node(OWN), await node(OWN)];
    await Promise.all([signIn(one), signIn(other), signIn(one), signIn(other)]);
    const store = openStore();
    for (let year = 0; year < 3; year++) {
      clock.advance(400 * DAY);
      await store.purge();
      await signIn(year % 2 === 0 ? one : other);
    }
    await signIn(one, "bob");
    const all = [...created(one.audit), ...created(other.audit)];
    expect(all).toHaveLength(8);
    expect(subjectsOf(all).size).toBe(2);
    expect(subjectsOf(all)).not.toContain(keyedHash(SECRET, "ann"));
    const [name, bySecret] = await other.sessions.pseudonyms("ann");
    expect([name, bySecret]).toEqual([created(one.audit)[0]?.subject, keyedHash(SECRET, "ann")]);
    await store.close();
  });

  test("who is forgotten has no session, no key, no name in the store, and a new name at the next sign-in", async () => {
    const { node, clock, open: openStore } = open();
    const [one, other] = [await node(OWN), await node(OWN)];
    const idp = { authenticatedAt: clock.now(), idp: IDP };
    const idle = await signIn(one, "ann", { ...idp, roles: ["nurse"], attributes: { ward: "north" } });
    await idle.bind();
    clock.advance(16 * 60_000);
    await idle.ask();
    const live = await signIn(other);
    const [name = ""] = await one.sessions.pseudonyms("ann");
    expect(await one.sessions.forget("ann", { actor: "admin-7", note: "account closed" })).toBe(1);
    expect([(await live.ask()).status, (await idle.ask()).status]).toEqual([401, 401]);
    const store = openStore();
    const text = await storeText(store, []);
    expect(text).toContain(name);
    for (const trace of ["ann", "nurse", "north", IDP.sid]) expect(text).not.toContain(trace);
    const { record } = await store.findSubject("curfew", "ann");
    expect(record).not.toHaveProperty("pseudonymKey");
    expect(record?.purgeAt).toBeLessThan(clock.now() + 10 * DAY);
    expect(JSON.stringify(record)).not.toContain(live.live.sid);
    const forgotten = one.audit.find(({ type }) => type === "subject_forgotten");
    expect(forgotten).toMatchObject({ count: 1, actor: "admin-7", note: "account closed" });
    expect(forgotten).not.toHaveProperty("subject");
    expect(await one.sessions.pseudonyms("ann")).toEqual([keyedHash(SECRET, "ann")]);

    clock.advance(10);
    const again = await signIn(other);
    expect((await again.ask()).status).toBe(200);
    const names = [...one.audit, ...other.audit].flatMap(({ subject }) => subject ?? []);
    expect(new Set(names).size).toBe(2);
    expect((await one.sessions.pseudonyms("ann"))[0]).toBe(created(other.audit).at(-1)?.subject);
    expect(created(other.audit).at(-1)?.subject).not.toBe(name);
    await store.close();
  });

  test("a sign-in that had begun lives no longer, and leaves no name behind, wherever it was", async () => {
    const { node, open: openStore, clock } = open();
    const admin = await node(OWN);
    await signIn(admin);
    for (const held of ["findSubject", "insert", "find"] as const) {
      let reached = () => {};
      let go = () => {};
      const isThere = new Promise<void>((resolve) => {
        reached = resolve;
      });
      const mayGo = new Promise<void>((resolve) => {
        go = resolve;
      });
      let isArmed = false;
      const slow = await node(OWN, (store) => ({
        ...store,
        [held]: async (...given: readonly unknown[]) => {
          const answer = await Reflect.apply(store[held] as (...all: unknown[]) => unknown, store, given);
          // A node looks at what else is kept, too, whenever it is its time.
          const isAnns = held === "find" || JSON.stringify(given).includes('"ann"');
          if (!isArmed || !isAnns) return answer;
          isArmed = false;
          reached();
          await mayGo;
          return answer;
        },
      }));
      isArmed = true;
      const begun = slow.sessions.start(new Request(ORIGIN), { subject: "ann" });
      const became = begun.then(
        ({ session }) => session.sid,
        ({ code }: { readonly code?: unknown }) => code,
      );
      await isThere;
      clock.advance(5);
      await admin.sessions.forget("ann");
      go();
      const came = await became;
      // What had been looked at for the last time before the moment was begun before it, and has ended with it.
      expect([held, came]).toEqual([held, held === "find" ? expect.any(String) : "revoked"]);
      expect(await slow.sessions.find(String(came))).toBeNull();
      const store = openStore();
      expect(await storeText(store, [])).not.toContain('"ann"');
      await store.close();
    }
  });

  test("is told of an end first where somebody must hear of it, and forgotten with that", async () => {
    const { node, open: openStore } = open();
    let isDown = true;
    const heard: string[] = [];
    const one = await node({
      ...OWN,
      onEnd: ({ subject }) => {
        if (isDown) throw new Error("the app is down");
        heard.push(subject);
      },
    });
    await signIn(one);
    await one.sessions.forget("ann");
    const store = openStore();
    expect(await storeText(store, [])).toContain('"ann"');
    isDown = false;
    await vi.waitFor(
      async () => {
        one.clock.advance(60_000);
        expect(await storeText(store, [])).not.toContain('"ann"');
      },
      { timeout: paced(20_000), interval: 100 },
    );
    expect(new Set(heard)).toEqual(new Set(["ann"]));
    await store.close();
  });

  test("nothing is kept of somebody who was never there, and forgetting them, or twice, does no harm", async () => {
    const { node } = open();
    const one = await node(OWN);
    expect(await one.sessions.pseudonyms("nobody")).toHaveLength(1);
    expect([await one.sessions.forget("nobody"), await one.sessions.forget("nobody")]).toEqual([0, 0]);
    one.clock.advance(10);
    expect((await (await signIn(one, "nobody")).ask()).status).toBe(200);
  });
});

test("a session keeps the name that it began under, whatever the options say since; the next has the person's own", async () => {
  const clock = createTestClock();
  const store = memoryStore({ clock });
  const before = createTestVerifier({ secret: SECRET, store });
  const browser = await TestBrowser.signedIn(before.sessions);
  const { sessions, audit } = createTestVerifier({ ...OWN, store });
  await sessions.end(browser.live.sid);
  expect(audit.map(({ type, subject }) => [type, subject])).toEqual([
    ["session_revoked", keyedHash(SECRET, "ann")],
  ]);
  clock.advance(1);
  const again = await TestBrowser.signedIn(sessions);
  expect(audit.find(({ sid }) => sid === again.live.sid)?.subject).toBe(
    (await sessions.pseudonyms("ann"))[0],
  );
  expect(await sessions.pseudonyms("ann")).toHaveLength(2);
});

test("an adopted session is found by the same sign-in, and its id says nothing to whoever has the secret alone", async () => {
  const clock = createTestClock();
  const authenticatedAt = clock.now();
  let id = "the-apps-own-session-id-1";
  const { sessions, audit } = createTestVerifier({
    ...OWN,
    store: memoryStore({ clock }),
    identify: () => ({ id, subject: "ann", authenticatedAt }),
  });
  const first = await sessions.check(new Request(ORIGIN));
  id = "the-apps-own-session-id-2";
  const second = await sessions.check(new Request(ORIGIN));
  expect([first, second].map((check) => check.status === "active" && check.session.sid)).toEqual([
    audit[0]?.sid,
    audit[0]?.sid,
  ]);
  const guessed = keyedHash(SECRET, JSON.stringify(["sign-in", "curfew", "ann", authenticatedAt]));
  expect(guessed.slice(0, 22)).not.toBe(audit[0]?.sid);
  await sessions.forget("ann");
  clock.advance(1);
  expect((await sessions.check(new Request(ORIGIN))).status).not.toBe("active");
  expect(audit.filter(({ type }) => type === "session_adopted")).toHaveLength(1);
});

test("the signed log verifies as before, and has not changed by a byte", async () => {
  const directory = mkdtempSync(join(tmpdir(), "curfew-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const log = signedLog({ directory });
  const { sessions, clock } = createTestVerifier({ ...OWN, audit: log });
  await TestBrowser.signedIn(sessions);
  const segment = () =>
    readFileSync(
      join(directory, String(readdirSync(directory).find((name) => name.endsWith(".jsonl")))),
      "utf8",
    );
  const before = segment();
  expect(await sessions.forget("ann")).toBe(1);
  clock.advance(1);
  await TestBrowser.signedIn(sessions);
  await sessions.close();
  expect(segment().startsWith(before)).toBe(true);
  const verdict = await verifyLog(readSignedLog(directory), {
    keys: [readVerifierKey(log.vkey)],
    witnesses: [],
    heads: [],
  });
  expect(verdict.fault).toBeNull();
  expect(verdict.signedSize).toBe(verdict.size);
});

test("with one secret for everybody it is refused, with what to write instead", async () => {
  const { sessions } = createTestVerifier({ logger: SILENT });
  await expect(sessions.forget("ann")).rejects.toMatchObject({ code: "shared-pseudonyms", status: 400 });
  await expect(sessions.forget("ann")).rejects.toThrow('pseudonyms: "own"');
  await sessions.close();
});
