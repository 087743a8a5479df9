/** A revocation that is cut short: whatever was not reached yet is over all the same, and each end is told of once. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import type { EndedSessionInfo } from "../../src/server/lifecycle/view.js";
import { sha256 } from "../../src/server/platform/secrets.js";
import type { SessionRecord } from "../../src/server/record/session.js";
import type { SessionStore } from "../../src/server/stores/store.js";
import { MINUTE, type TestVerifier } from "../server/support/test-verifier.js";
import { paced } from "../timing.js";
import { atEnd, describeEveryStore, type EveryStore, liveRecord } from "./support/every-store.js";
import { until } from "./support/redis-server.js";

const PATIENCE = paced(120_000);
const MANY = 350;

type Sessions = TestVerifier["sessions"];

function live({ clock }: EveryStore, count: number, subject = "ann"): readonly SessionRecord[] {
  return [...Array(count).keys()].map((at) => {
    const sid = `${subject}-${at}`;
    return liveRecord(clock.now(), sid, { subject, secretHash: sha256(`secret of ${sid}`) });
  });
}

const withCookieOf = (sid: string) =>
  new Request("https://app.test/api", { headers: { cookie: `__Host-curfew=secret of ${sid}` } });

async function statuses(sessions: Sessions, records: readonly SessionRecord[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const { sid } of records) found.add(await statusOf(sessions, sid));
  return found;
}

/** On a busy machine an answer may be later than a check waits for; the store has said nothing then. */
async function statusOf(sessions: Sessions, sid: string): Promise<string> {
  let status = "unavailable";
  for (let tries = 0; status === "unavailable" && tries < 20; tries++)
    ({ status } = await sessions.check(withCookieOf(sid)));
  return status;
}

/** A store that fails once it is told to. */
function failing(name: "listBySubject" | "replace" | "replaceSubject" | "all") {
  const switched = { after: Number.POSITIVE_INFINITY };
  const fail = () => {
    if (switched.after-- <= 0) throw new Error("no route to host");
  };
  const wrap = (store: SessionStore): SessionStore => ({
    ...store,
    async *all(app) {
      for await (const record of store.all(app)) {
        if (name === "all") fail();
        yield record;
      }
    },
    async listBySubject(...args) {
      if (name === "listBySubject") fail();
      return store.listBySubject(...args);
    },
    async replace(...args) {
      if (name === "replace") fail();
      return store.replace(...args);
    },
    async replaceSubject(...args) {
      if (name === "replaceSubject") fail();
      return store.replaceSubject(...args);
    },
  });
  return { switched, wrap };
}

describeEveryStore(PATIENCE, (open, outlives) => {
  test.each(["endAll", "endOthers"] as const)(
    "a store that fails between two pages of %s: the call fails, nobody passes, and calling again finishes",
    async (call) => {
      const store = open();
      const records = live(store, MANY);
      await store.seed(records);
      const { switched, wrap } = failing("listBySubject");
      const told: EndedSessionInfo[] = [];
      const onEnd = (session: EndedSessionInfo) => void told.push(session);
      const here = await store.node({ onEnd }, wrap);
      const there = await store.node({ onEnd });
      const end = () => (call === "endAll" ? here.sessions.endAll("ann") : here.sessions.endOthers("ann-0"));
      const others = call === "endAll" ? records : records.slice(1);
      await here.sessions.ready();
      switched.after = 1;
      const endedAt = store.clock.now();
      await expect(end()).rejects.toMatchObject({ name: "StoreUnavailableError", status: 503 });
      const reached = here.audit.filter(({ type }) => type === "session_revoked").length;
      expect(reached).toBeGreaterThan(0);
      expect(reached).toBeLessThan(others.length);
      store.clock.advance(1_000);
      for (const { sessions } of [there, here])
        expect(await statuses(sessions, others.slice(-20))).toEqual(new Set(["ended"]));
      expect(await there.sessions.list("ann")).toHaveLength(records.length - others.length);
      switched.after = Number.POSITIVE_INFINITY;
      await end();
      expect(await statuses(there.sessions, others)).toEqual(new Set(["ended"]));
      const ends = [...here.audit, ...there.audit].filter(({ type }) => type === "session_revoked");
      // One record for each, and all of the moment at which they were ended, whoever has found them.
      expect(ends).toHaveLength(others.length);
      expect(new Set(ends.map(({ sid }) => sid))).toEqual(new Set(others.map(({ sid }) => sid)));
      expect(new Set(ends.map((end) => end.endedAt))).toEqual(new Set([new Date(endedAt).toISOString()]));
      await vi.waitFor(() => expect(told).toHaveLength(others.length), 10_000);
      expect(new Set(told.map((session) => session.sid)).size).toBe(others.length);
      expect(new Set(told.map((session) => session.endedAt))).toEqual(new Set([endedAt]));
    },
  );

  test("answers that are late now and then cut nothing short", async () => {
    const store = open();
    const records = live(store, MANY);
    await store.seed(records);
    // The self-test at start is not disturbed.
    const calls = { count: Number.NEGATIVE_INFINITY };
    const nowAndThen = <Args extends readonly unknown[], T>(call: (...args: Args) => Promise<T>) => {
      return async (...args: Args): Promise<T> => {
        if (++calls.count % 13 === 0) throw new Error("Command timed out");
        return call(...args);
      };
    };
    const { sessions, audit } = await store.node({}, (inner) => {
      const replace = nowAndThen(inner.replace.bind(inner));
      return {
        ...inner,
        listBySubject: nowAndThen(inner.listBySubject.bind(inner)),
        // That an end's record is written is noted beside the call, which waits for none of it.
        replace: (record, expected) =>
          record.unrecorded === null ? inner.replace(record, expected) : replace(record, expected),
      };
    });
    calls.count = 0;
    await sessions.endAll("ann");
    expect(calls.count).toBeGreaterThan(MANY);
    expect(audit.filter(({ type }) => type === "session_revoked")).toHaveLength(MANY);
    expect(await statuses(sessions, records)).toEqual(new Set(["ended"]));
  });

  test("a store that takes no tombstone any more: nobody passes, 503 or not", async () => {
    const store = open();
    const records = live(store, 20);
    await store.seed(records);
    const { switched, wrap } = failing("replace");
    const { sessions } = await store.node({}, wrap);
    switched.after = 0;
    await expect(sessions.endAll("ann")).rejects.toMatchObject({ status: 503 });
    expect(await statuses(sessions, records)).toEqual(new Set(["unavailable"]));
    switched.after = Number.POSITIVE_INFINITY;
    expect(await statuses(sessions, records)).toEqual(new Set(["ended"]));
  });

  test("a store that does not take the revocation itself: the call fails, and nobody is signed out by halves", async () => {
    const store = open();
    const records = live(store, 20);
    await store.seed(records);
    const { switched, wrap } = failing("replaceSubject");
    const { sessions } = await store.node({}, wrap);
    switched.after = 0;
    await expect(sessions.endAll("ann")).rejects.toMatchObject({ status: 503 });
    expect(await statuses(sessions, records)).toEqual(new Set(["active"]));
  });

  test("what nobody has asked about since is found by the sweeper, with the reason and the time of the revocation", async () => {
    const store = open();
    const records = live(store, 150);
    await store.seed(records);
    const { switched, wrap } = failing("listBySubject");
    const told: EndedSessionInfo[] = [];
    const here = await store.node({ onEnd: (session) => void told.push(session) }, wrap);
    await here.sessions.ready();
    switched.after = 0;
    store.clock.advance(MINUTE);
    const endedAt = store.clock.now();
    await expect(here.sessions.endAll("ann")).rejects.toMatchObject({ status: 503 });
    expect(here.audit.filter(({ type }) => type === "session_revoked")).toEqual([]);
    store.clock.advance(15 * MINUTE);
    const ends = () => here.audit.filter(({ type }) => type.startsWith("session_"));
    await vi.waitFor(() => expect(told).toHaveLength(records.length), 20_000);
    expect(new Set(told.map((session) => `${session.reason} ${session.endedAt}`))).toEqual(
      new Set([`revoked ${endedAt}`]),
    );
    expect(ends()).toHaveLength(records.length);
    expect(new Set(ends().map(({ type }) => type))).toEqual(new Set(["session_revoked"]));
  });

  test("a deadline that had passed by the revocation is the end that is found", async () => {
    const store = open();
    await store.seed([liveRecord(store.clock.now(), "early", { idleTimeout: MINUTE })]);
    await store.seed([liveRecord(store.clock.now(), "late")]);
    const { switched, wrap } = failing("listBySubject");
    const { sessions, audit } = await store.node({}, wrap);
    switched.after = 0;
    store.clock.advance(MINUTE);
    await expect(sessions.endAll("ann")).rejects.toMatchObject({ status: 503 });
    switched.after = Number.POSITIVE_INFINITY;
    expect(await sessions.list("ann")).toEqual([]);
    const reasons = audit.flatMap(({ sid, reason }) => (reason === undefined ? [] : [[sid, reason]]));
    expect(new Map(reasons as [string, string][])).toEqual(
      new Map([
        ["early", "idle"],
        ["late", "revoked"],
      ]),
    );
  });

  test("endEverything that is cut short: a second later nobody passes on any node, and calling again finishes", async () => {
    const store = open();
    const records = [...live(store, 60), ...live(store, 60, "bob")];
    for (const subject of ["ann", "bob"])
      await store.seed(records.filter((record) => record.subject === subject));
    const { switched, wrap } = failing("all");
    const [here, there] = [await store.node({}, wrap), await store.node()];
    await here.sessions.ready();
    expect(await statuses(there.sessions, records.slice(0, 3))).toEqual(new Set(["active"]));
    switched.after = 30;
    await expect(here.sessions.endEverything()).rejects.toMatchObject({ name: "StoreUnavailableError" });
    expect(await statuses(here.sessions, records)).toEqual(new Set(["ended"]));
    const more = [...live(store, 20, "eve")];
    await store.seed(more);
    store.clock.advance(1);
    await until(
      async () => !(await statuses(there.sessions, more)).has("active"),
      "the other node does not hear of it",
      3_000,
    );
    switched.after = Number.POSITIVE_INFINITY;
    await here.sessions.endEverything();
    const { session } = await there.sessions.start(new Request("https://app.test/", { method: "POST" }), {
      subject: "ann",
    });
    expect((await here.sessions.list("ann")).map(({ sid }) => sid)).toEqual([session.sid]);
  });

  if (!outlives) return;
  test("a process that is killed in the middle of endAll leaves nobody who passes, and another one finishes", async () => {
    const store = open();
    const records = live(store, 2_000);
    await store.seed(records);
    const script = fileURLToPath(new URL("./support/ending-process.ts", import.meta.url));
    const child = spawn(process.execPath, ["--import", "tsx", script, ...store.reach], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    atEnd(() => child.kill("SIGKILL"));
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      lines.push(line);
      if (lines.length === 100) child.kill("SIGKILL");
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    expect(child.signalCode).toBe("SIGKILL");
    expect(lines).not.toContain("done");
    const { sessions, audit } = await store.node();
    expect(await statuses(sessions, records)).toEqual(new Set(["ended"]));
    await sessions.endAll("ann");
    expect(await sessions.list("ann")).toEqual([]);
    const ends = audit.filter(({ type }) => type === "session_revoked");
    expect(ends.length).toBeGreaterThan(0);
    expect(new Set(ends.map(({ endedAt }) => endedAt))).toEqual(
      new Set([new Date(store.clock.now()).toISOString()]),
    );
  });
});
