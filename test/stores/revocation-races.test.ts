/**
 * What races the end of a person's sessions loses, on two nodes: sign-ins, reauthentications, changes and adoptions that
 * had begun. The clock stands still meanwhile, so each of them ties with the revocation to the millisecond.
 */

import { expect, test } from "vitest";
import { StoreUnavailableError } from "../../src/server/index.js";
import type { SessionStore } from "../../src/server/stores/store.js";
import type { TestVerifier } from "../server/support/test-verifier.js";
import { paced } from "../timing.js";
import { describeStoresInOrder, type EveryStore } from "./support/every-store.js";

const RACES = 1_000;
const AT_A_TIME = 20;
const PATIENCE = paced(300_000);

type Sessions = TestVerifier["sessions"];

interface SignedIn {
  readonly sid: string;
  readonly cookie: string;
}

const post = (cookie = "") =>
  new Request("https://app.test/sign-in", { method: "POST", headers: { cookie } });
const cookieIn = (headers: Headers) => headers.getSetCookie()[0]?.split(";")[0] ?? "";

async function signIn(sessions: Sessions, subject: string, authenticatedAt?: number): Promise<SignedIn> {
  const claim = authenticatedAt === undefined ? {} : { authenticatedAt };
  const { session, headers } = await sessions.start(post(), { subject, ...claim });
  return { sid: session.sid, cookie: cookieIn(headers) };
}

async function lives(nodes: readonly Sessions[], cookie: string): Promise<boolean> {
  const checks = await Promise.all(nodes.map((sessions) => sessions.check(post(cookie))));
  return checks.some(({ status }) => status === "active");
}

interface Race {
  readonly here: Sessions;
  readonly there: Sessions;
  readonly subject: string;
  /** The session that asks for the end of the others, on the other node. */
  readonly own: SignedIn;
  /** Another one that lives when the race begins. */
  readonly other: SignedIn;
  readonly now: number;
}

const ENDS: Readonly<Record<string, (race: Race) => Promise<unknown>>> = {
  endAll: ({ there, subject }) => there.endAll(subject),
  "endAll as signed out": ({ there, subject }) => there.endAll(subject, "signed-out"),
  endOthers: ({ there, own }) => there.endOthers(own.sid),
};

/** Each begins something, and resolves with the cookies that must be worthless afterwards. */
const BEGUN: Readonly<Record<string, (race: Race) => Promise<readonly string[]>>> = {
  "a sign-in": async ({ here, subject }) => [(await signIn(here, subject)).cookie],
  "a sign-in with a time of its own": async ({ here, subject, now }) => [
    (await signIn(here, subject, now)).cookie,
  ],
  "a sign-in in place of the browser's session": async ({ here, subject, other }) => {
    const { headers } = await here.start(post(other.cookie), { subject });
    return [cookieIn(headers), other.cookie];
  },
  "a reauthentication": async ({ here, subject, other }) => {
    const { headers } = await here.reauthenticate(post(other.cookie), { subject });
    return [cookieIn(headers), other.cookie];
  },
  "a change of roles": async ({ here, other }) => {
    await here.update(post(other.cookie), { roles: ["nurse"] });
    return [other.cookie];
  },
};

async function turns(count: number): Promise<void> {
  for (let at = 0; at < count; at++) await new Promise((resolve) => setImmediate(resolve));
}

/** A race in which the store did not answer in time proves nothing, so another person runs it again. */
async function inBatches(count: number, work: (at: number) => Promise<void>): Promise<void> {
  const race = async (at: number): Promise<void> => {
    try {
      await work(at);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      await work(at + count);
    }
  };
  for (let first = 0; first < count; first += AT_A_TIME)
    await Promise.all([...Array(AT_A_TIME).keys()].map((at) => race(first + at)));
}

/**
 * Both have opened their stores: what is called first begins first. Where a store gathers the writes of a turn (SQLite), a sign-in
 * would always be done before the end's turn comes: so some take a few turns longer.
 */
async function twoNodes(store: EveryStore): Promise<readonly [Sessions, Sessions]> {
  let inserts = 0;
  const slower = (inner: SessionStore): SessionStore => ({
    ...inner,
    async insert(record) {
      if (inner.name === "sqlite") await turns(inserts++ % 4);
      return inner.insert(record);
    },
  });
  return [(await store.node({}, slower)).sessions, (await store.node()).sessions];
}

describeStoresInOrder(PATIENCE, (open) => {
  test.each(Object.keys(ENDS))("of 1,000 sign-ins that had begun at %s none lives", async (name) => {
    const store = open();
    const nodes = await twoNodes(store);
    const [here, there] = nodes;
    const end = ENDS[name];
    const kinds = Object.values(BEGUN);
    let survivors = 0;
    let refused = 0;
    await inBatches(RACES, async (at) => {
      const subject = `person ${at}`;
      const [own, other] = [await signIn(there, subject), await signIn(there, subject)];
      const race = { here, there, subject, own, other, now: store.clock.now() };
      const begun = kinds[at % kinds.length]?.(race);
      const ended = end?.(race);
      const [result] = await Promise.allSettled([begun, ended]);
      await ended;
      if (result?.status === "rejected") refused++;
      const cookies = result?.status === "fulfilled" ? (result.value ?? []) : [other.cookie];
      for (const cookie of cookies) if (await lives(nodes, cookie)) survivors++;
      const spared = name === "endOthers" ? [own.sid] : [];
      expect(await lives(nodes, own.cookie)).toBe(spared.length === 1);
      expect((await here.list(subject)).map(({ sid }) => sid)).toEqual(spared);
    });
    expect(survivors).toBe(0);
    expect(refused).toBeGreaterThan(0);
  });

  test("of 300 adoptions that had begun at endAll or endOthers none lives", async () => {
    const store = open();
    const own = (id: string) => new Request("https://app.test/", { headers: { "x-own-id": id } });
    const authenticatedAt = store.clock.now();
    const identify = (request: Request) => {
      const id = request.headers.get("x-own-id") ?? "";
      const [subject = ""] = id.split(" ");
      return { id, subject, authenticatedAt: id.endsWith("asks") ? authenticatedAt - 1 : authenticatedAt };
    };
    const nodes = [
      (await store.node({ identify })).sessions,
      (await store.node({ identify })).sessions,
    ] as const;
    const [here, there] = nodes;
    let survivors = 0;
    await inBatches(300, async (at) => {
      const subject = `person-${at}`;
      const asking = `${subject} own-session asks`;
      const check = await there.check(own(asking));
      const sid = check.status === "active" ? check.session.sid : "";
      const adopted = here.check(own(`${subject} own-session begins`));
      const reason = at % 4 < 2 ? "revoked" : "signed-out";
      await (at % 2 === 0 ? there.endAll(subject, reason) : there.endOthers(sid, reason));
      await adopted;
      for (const sessions of nodes)
        if ((await sessions.check(own(`${subject} own-session begins`))).status === "active") survivors++;
      expect((await here.check(own(asking))).status).toBe(at % 2 === 0 ? "ended" : "active");
    });
    expect(survivors).toBe(0);
  });

  test("after endOthers an authentication from before it starts no session, to the millisecond; a new one does", async () => {
    const store = open();
    const nodes = await twoNodes(store);
    const [here, there] = nodes;
    for (let at = 0; at < 20; at++) {
      const subject = `person ${at}`;
      const own = await signIn(there, subject);
      const before = store.clock.now();
      store.clock.advance(at % 2);
      await there.endOthers(own.sid);
      for (const claim of [before, store.clock.now()])
        await expect(signIn(here, subject, claim)).rejects.toMatchObject({ code: "revoked", status: 401 });
      // Without a claim the person authenticates now, and later claims are as good.
      const fresh = await signIn(here, subject);
      store.clock.advance(1);
      const claimed = await signIn(here, subject, store.clock.now());
      for (const { cookie } of [own, fresh, claimed]) expect(await lives(nodes, cookie)).toBe(true);
    }
  });

  test("after an end that the person asked for an earlier authentication is good, and what had begun is over", async () => {
    const store = open();
    const [here, there] = await twoNodes(store);
    const [own, other] = [await signIn(there, "ann"), await signIn(here, "ann")];
    const before = store.clock.now();
    store.clock.advance(5);
    await there.endOthers(own.sid, "signed-out");
    expect(await lives([here, there], other.cookie)).toBe(false);
    const again = await signIn(here, "ann", before);
    expect(await lives([here, there], again.cookie)).toBe(true);
  });

  test("the session that called endOthers goes on, also after its reauthentication, until another one calls it", async () => {
    const store = open();
    const nodes = await twoNodes(store);
    const [here, there] = nodes;
    const own = await signIn(here, "ann");
    await there.endOthers(own.sid);
    const { headers } = await here.reauthenticate(post(own.cookie), { subject: "ann" });
    const cookie = cookieIn(headers);
    for (let again = 0; again < 10; again++) {
      store.clock.advance(again % 2);
      await there.endOthers(own.sid);
      expect(await lives(nodes, cookie)).toBe(true);
    }
    const next = await signIn(there, "ann");
    await here.endOthers(next.sid);
    expect(await lives(nodes, cookie)).toBe(false);
    expect(await lives(nodes, next.cookie)).toBe(true);
    await here.endAll("ann");
    expect(await lives(nodes, next.cookie)).toBe(false);
  });

  test("endOthers spares no session that has ended, and ends the others all the same", async () => {
    const store = open();
    const nodes = await twoNodes(store);
    const [here, there] = nodes;
    const [own, other] = [await signIn(here, "ann"), await signIn(there, "ann")];
    await here.end(own.sid);
    expect(await there.endOthers(own.sid)).toBe(1);
    for (const { cookie } of [own, other]) expect(await lives(nodes, cookie)).toBe(false);
  });

  test("of two sessions that each end the others at once at most one lives, and a third one never", async () => {
    const store = open();
    const nodes = await twoNodes(store);
    const [here, there] = nodes;
    await inBatches(100, async (at) => {
      const subject = `person ${at}`;
      const [a, b, c] = [
        await signIn(here, subject),
        await signIn(there, subject),
        await signIn(there, subject),
      ];
      await Promise.all([here.endOthers(a.sid), there.endOthers(b.sid)]);
      const live = await Promise.all([a, b].map(({ cookie }) => lives(nodes, cookie)));
      expect(live.filter(Boolean).length).toBeLessThanOrEqual(1);
      expect(await lives(nodes, c.cookie)).toBe(false);
    });
  });

  test("of 200 sign-ins of 200 people that had begun at endEverything none lives, and a later one does", async () => {
    const store = open();
    const nodes = await twoNodes(store);
    const [here, there] = nodes;
    const before = store.clock.now();
    for (let round = 0; round < 10; round++) {
      const begun = [...Array(20).keys()].map((at) => signIn(here, `person ${at}`));
      const ended = there.endEverything();
      const results = await Promise.allSettled(begun);
      await ended;
      for (const result of results)
        if (result.status === "fulfilled") expect(await lives(nodes, result.value.cookie)).toBe(false);
    }
    await expect(signIn(here, "ann", before)).rejects.toMatchObject({ code: "revoked" });
    const fresh = await signIn(here, "ann");
    expect(await lives(nodes, fresh.cookie)).toBe(true);
  });
});
