import { createHash, createPublicKey, verify } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { ReplayTools } from "../../src/evidence/replay.types.js";
import { verifySession } from "../../src/evidence/verify.js";
import { verifySessionWith } from "../../src/evidence/verify-session.js";
import type { AuditRecord } from "../../src/server/audit/audit-record.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { TestBrowser } from "../server/support/test-browser.js";
import { createTestClock } from "../server/support/test-clock.js";
import { groupApp } from "../server/support/test-group.js";
import { createTestVerifier, MINUTE } from "../server/support/test-verifier.js";

const TOOLS: ReplayTools = {
  sha256: (bytes) => createHash("sha256").update(bytes).digest(),
  verify: (jwk, signingInput, signature) =>
    verify(
      "sha256",
      Buffer.from(signingInput),
      { key: createPublicKey({ key: { ...jwk }, format: "jwk" }), dsaEncoding: "ieee-p1363" },
      signature,
    ),
};

type Life = (browser: TestBrowser, verifier: ReturnType<typeof created>) => Promise<void>;

function created(policy: Readonly<Record<string, unknown>> = {}) {
  const trail: AuditRecord[] = [];
  const clock = createTestClock();
  const { sessions } = createTestVerifier({
    policy: { idle: "15m", absolute: "60m", warning: "2m", ...policy },
    store: memoryStore({ clock }),
    onEvent: (record) => trail.push(record),
  });
  return { trail, clock, sessions };
}

async function lived(life: Life, policy?: Readonly<Record<string, unknown>>) {
  const verifier = created(policy);
  const browser = await TestBrowser.signedIn(verifier.sessions);
  await life(browser, verifier);
  return { trail: verifier.trail, sid: browser.live.sid };
}

const idle: Life = async (browser, { clock }) => {
  for (let minute = 1; minute <= 3; minute++) {
    clock.advance(MINUTE);
    await browser.beat(clock.now() - 500);
  }
  clock.advance(16 * MINUTE);
  await browser.ask();
};

const LIVES: readonly (readonly [string, Life, string])[] = [
  ["whose person went away", idle, "idle"],
  [
    "whose person was there to the last",
    async (browser, { clock }) => {
      for (let minute = 0; minute < 61; minute += 5) {
        await browser.beat(clock.now() + 3_000);
        clock.advance(5 * MINUTE);
      }
      await browser.ask();
    },
    "absolute",
  ],
  [
    "that was reauthenticated, changed and signed out",
    async (browser, { clock, sessions }) => {
      clock.advance(MINUTE);
      await browser.beat(clock.now());
      await sessions.update(browser.request("/"), { roles: ["admin"] });
      clock.advance(MINUTE);
      await browser.beat(clock.now());
      await browser.reauthenticate("ann");
      clock.advance(MINUTE);
      await browser.beat(clock.now());
      await browser.post("/curfew/end", { sid: browser.live.sid });
    },
    "signed-out",
  ],
  [
    "that was ended with the person's others",
    async (browser, { clock, sessions }) => {
      clock.advance(MINUTE);
      await browser.beat(clock.now());
      await sessions.endAll("ann");
    },
    "revoked",
  ],
];
const RULES = { rules: [{ roles: ["admin"], idle: "5m" }] };

describe("an honest session", () => {
  test.each(LIVES)("%s replays whole", async (_name, life, reason) => {
    const { trail, sid } = await lived(life, RULES);
    expect(await verifySessionWith(trail, sid, TOOLS)).toMatchObject({
      verdict: "whole",
      end: { reason },
      fault: null,
    });
  });

  test("replays the same by Web Crypto, which sees a foreign signature too", async () => {
    const { trail, sid } = await lived(idle);
    expect(await verifySession(trail, sid)).toEqual(await verifySessionWith(trail, sid, TOOLS));
    const at = trail.findLastIndex(({ heartbeat }) => heartbeat !== undefined);
    const { heartbeat = "" } = trail[at] ?? {};
    const foreign = `${heartbeat.slice(0, -10)}AAAAAAAAAA`;
    const changed = trail.map((record, place) => (place === at ? { ...record, heartbeat: foreign } : record));
    expect((await verifySession(changed, sid)).verdict).toBe("broken");
  });

  test("ended at its deadline to the millisecond, fifteen minutes after the last activity that its browser signed for", async () => {
    const { trail, sid } = await lived(idle);
    const { end, steps } = await verifySessionWith(trail, sid, TOOLS);
    const lastSigned = steps.filter(({ isSigned }) => isSigned).at(-1);
    expect(end?.endedAt).toBe((lastSigned?.lastActiveAt ?? 0) + 15 * MINUTE);
    expect(lastSigned?.expiresAt).toBe(end?.endedAt);
  });

  test("that plays media replays by the policy's own time for it", async () => {
    const media: Life = async (browser, { clock }) => {
      const counts = { pointer: 0, key: 0, touch: 0, wheel: 0, media: 1, other: 0 };
      for (let minute = 1; minute <= 5; minute++) {
        clock.advance(MINUTE);
        await browser.beat(clock.now(), { payload: { counts } });
      }
      clock.advance(16 * MINUTE);
      await browser.ask();
    };
    const { trail, sid } = await lived(media, { media: "3m" });
    expect(await verifySessionWith(trail, sid, TOOLS)).toMatchObject({ verdict: "whole" });
  });

  test("that the policy only observed replays past its deadline, to the day from which it is enforced", async () => {
    const day = new Date(createTestClock().now() + 40 * MINUTE).toISOString();
    const observed: Life = async (browser, { clock }) => {
      clock.advance(20 * MINUTE);
      await browser.beat(clock.now());
      clock.advance(30 * MINUTE);
      await browser.ask();
    };
    const { trail, sid } = await lived(observed, { enforce: false, enforceFrom: day });
    const { verdict, end, fault } = await verifySessionWith(trail, sid, TOOLS);
    expect({ verdict, fault }).toEqual({ verdict: "whole", fault: null });
    expect(end?.endedAt).toBe(Date.parse(day));
  });

  test("without its end is open, and one among others is found by its sid", async () => {
    const { trail, sid } = await lived(idle);
    expect(await verifySessionWith(trail.slice(0, -1), sid, TOOLS)).toMatchObject({
      verdict: "open",
      end: null,
    });
    const other = await lived(idle);
    const both = [...trail, ...other.trail];
    expect(await verifySessionWith(both, sid, TOOLS)).toMatchObject({ verdict: "whole" });
  });
});

/** What nothing else in a session's own records contradicts, and no deadline rests on: the signed log holds it. */
const HELD_BY_THE_LOG = ["at", "unsafeForTesting", "enforced", "networks", "actor", "note", "from"];

/** By how it ended: the timeout whose deadline was not the earlier one, and random bytes after which nothing was signed. */
const UNSEEN: Readonly<Record<string, readonly string[]>> = {
  idle: ["session_created absoluteTimeout", "session_expired absoluteTimeout", "session_renewed random"],
  absolute: ["session_expired idleTimeout", "session_renewed random"],
  "signed-out": [
    "session_created absoluteTimeout",
    "session_created authenticatedAt",
    "session_logout absoluteTimeout",
    "session_logout idleTimeout",
    "session_reauthenticated absoluteTimeout",
    "session_renewed random",
    "session_updated absoluteTimeout",
  ],
  revoked: [
    "session_created absoluteTimeout",
    "session_renewed random",
    "session_revoked absoluteTimeout",
    "session_revoked idleTimeout",
  ],
};

describe.each(LIVES)("a session %s", (_name, life, reason) => {
  const wholeOf = async (records: readonly unknown[], sid: string) =>
    (await verifySessionWith(records, sid, TOOLS)).verdict;

  test("with any record dropped, doubled or swapped with the next does not replay whole", async () => {
    const { trail, sid } = await lived(life, RULES);
    const changes = trail.flatMap(({ change }, at) => (change === undefined ? [] : [at]));
    expect(changes.length).toBeGreaterThan(3);
    for (const at of changes) {
      const record = trail[at];
      if (record === undefined) throw new Error("the trail has no such record");
      expect(await wholeOf(trail.toSpliced(at, 1), sid)).not.toBe("whole");
      expect(await wholeOf(trail.toSpliced(at, 0, record), sid)).toBe("broken");
      const after = trail[at + 1];
      if (after?.change !== undefined)
        expect(await wholeOf(trail.with(at, after).with(at + 1, record), sid)).toBe("broken");
    }
  });

  test("with a member altered or taken away that its deadlines rest on does not replay whole", async () => {
    const { trail, sid } = await lived(life, RULES);
    const unseen = new Set<string>();
    for (const [at, record] of trail.entries())
      for (const [name, value] of Object.entries(record)) {
        const isPolicy = record.type === "policy_in_force";
        const isBeside = isPolicy
          ? !["type", "policy", "document"].includes(name)
          : record.change === undefined;
        const isAskedEnd = name === "endedAt" && record.type !== "session_expired";
        if (HELD_BY_THE_LOG.includes(name) || isBeside || isAskedEnd) continue;
        for (const other of altered(value)) {
          const changed = trail.with(at, { ...record, [name]: other });
          if ((await wholeOf(changed, sid)) === "whole") unseen.add(`${record.type} ${name}`);
        }
      }
    expect([...unseen].sort()).toEqual(UNSEEN[reason]);
  });
});

function altered(value: unknown): readonly unknown[] {
  if (typeof value === "number") return [value + 1, value - 1, undefined];
  if (typeof value === "boolean") return [!value];
  const text = String(value);
  const instant = Date.parse(text);
  if (text.endsWith("Z") && !Number.isNaN(instant))
    return [new Date(instant + 1).toISOString(), new Date(instant - 1).toISOString(), undefined];
  const middle = Math.floor(text.length / 2);
  const letter = text[middle] === "A" ? "B" : "A";
  return [`${text.slice(0, middle)}${letter}${text.slice(middle + 1)}`, undefined];
}

describe("what cannot be replayed", () => {
  test("says so for records of 0.3.0, and never that they are broken", async () => {
    const { trail, sid } = await lived(idle);
    const later = ["change", "nonce", "binding", "startedAt", "idleTimeout", "absoluteTimeout"];
    const old = trail
      .filter(({ type }) => type !== "policy_in_force")
      .map((record) => Object.fromEntries(Object.entries(record).filter(([name]) => !later.includes(name))));
    const { verdict, fault } = await verifySessionWith(old, sid, TOOLS);
    expect(verdict).toBe("unprovable");
    expect(fault?.message).toMatch(/^cannot be replayed: /);
  });

  test.each([
    [[]],
    [[null, 1, "x", []]],
    [[{ sid: "s" }]],
    [[{ sid: "s", type: "session_created", at: {} }]],
  ])("takes hostile input %j without an error of its own", async (records) => {
    expect((await verifySessionWith(records, "s", TOOLS)).verdict).not.toBe("whole");
  });
});

describe("a session that another app of its group has kept alive", () => {
  async function livedInGroup() {
    const clock = createTestClock();
    const store = memoryStore({ clock });
    const trail: AuditRecord[] = [];
    const mail = groupApp("mail", [], { store });
    const crm = groupApp("crm", ["mail"], { store, onEvent: (record) => trail.push(record) });
    const [a, b] = [await mail.tab(), await crm.tab()];
    for (let beat = 0; beat < 5; beat++) {
      clock.advance(10 * MINUTE);
      await a.beat(clock.now() - 500);
    }
    await b.ask();
    clock.advance(5 * MINUTE);
    await b.beat(clock.now() - 500);
    clock.advance(15 * MINUTE);
    await b.ask();
    return { trail, sid: b.live.sid };
  }

  test("replays whole, each heartbeat that it needed named", async () => {
    const { trail, sid } = await livedInGroup();
    expect(await verifySessionWith(trail, sid, TOOLS)).toMatchObject({
      verdict: "whole",
      end: { reason: "idle" },
    });
    expect(trail.filter(({ type }) => type === "session_carried").length).toBeGreaterThan(1);
  });

  test.each<[string, Partial<AuditRecord>, string]>([
    ["was told of after the session was over", { acceptedAt: "2026-01-01T11:00:00.000Z" }, "after-end"],
    ["is of the app itself", { carriedBy: "crm" }, "shape"],
    ["claims a later deadline", { expiresAt: "2099-01-01T00:00:00.000Z" }, "times"],
    ["tells of input that it could not know of", { lastActiveAt: "2099-01-01T00:00:00.000Z" }, "times"],
  ])("is broken where the heartbeat %s", async (_what, change, kind) => {
    const { trail, sid } = await livedInGroup();
    const first = trail.findIndex(({ type }) => type === "session_carried");
    const told = trail[first];
    const late = Date.parse(told?.acceptedAt ?? "") + 30 * MINUTE;
    const changes = change.acceptedAt === undefined ? change : { acceptedAt: new Date(late).toISOString() };
    const changed = trail.map((record, at) => (at === first ? { ...record, ...changes } : record));
    expect(await verifySessionWith(changed, sid, TOOLS)).toMatchObject({
      verdict: "broken",
      fault: { kind },
    });
  });

  test("is broken where the policy takes no activity of other apps", async () => {
    const { trail, sid } = await livedInGroup();
    const changed = trail.map((record) =>
      record.type === "policy_in_force"
        ? { ...record, document: record.document?.replace('"activity":"group",', "") }
        : record,
    ) as AuditRecord[];
    expect((await verifySessionWith(changed, sid, TOOLS)).verdict).not.toBe("whole");
  });
});
