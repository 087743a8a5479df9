/** Each rule speaks where it should, and is silent where it should be. */
import { describe, expect, test } from "vitest";
import type { AuditRecord } from "../../src/server/audit/audit-record.js";
import type { WatchRuleName } from "../../src/server/policy/watch.types.js";
import {
  alertsOf,
  DAY,
  ELSEWHERE,
  HOME,
  HOUR,
  heartbeatOf,
  iso,
  MINUTE,
  SECOND,
  trail,
} from "./support/records.js";

const only = (records: readonly AuditRecord[], rule: WatchRuleName) => alertsOf(records, { rules: [rule] });

describe("used-after-end", () => {
  const ended = () => {
    const { records, add } = trail();
    add("session_created", 0, { from: HOME });
    add("session_expired", HOUR, { reason: "idle" });
    return { records, add };
  };

  test("speaks of a use from a place that the person was never seen at, with the record", () => {
    const { records, add } = ended();
    add("session_use_after_expire", HOUR + MINUTE, { from: ELSEWHERE, count: 1 });
    expect(only(records, "used-after-end")).toMatchObject([
      {
        rule: "used-after-end",
        severity: "warning",
        count: 1,
        evidence: [2],
        of: { sid: "s1", subject: "ann" },
      },
    ]);
  });

  test("says nothing of the open tab's poller, however long it asks, nor of the person's other places", () => {
    const { records, add } = ended();
    add("session_created", HOUR + MINUTE, { from: ELSEWHERE, sid: "s2" });
    for (let at = 2 * HOUR; at < 20 * HOUR; at += MINUTE)
      add("session_use_after_expire", at, { from: at % 2 === 0 ? HOME : ELSEWHERE });
    add("session_use_after_expire", 21 * HOUR, { count: 500 });
    expect(only(records, "used-after-end")).toEqual([]);
  });

  test("says nothing of a person of whom it knows no place", () => {
    const { records, add } = trail();
    add("session_use_after_expire", 0, { from: ELSEWHERE });
    expect(only(records, "used-after-end")).toEqual([]);
  });
});

describe("keeps-expiring", () => {
  const day = (add: ReturnType<typeof trail>["add"], at: number, ends: number) => {
    for (let turn = 0; turn <= ends; turn++) {
      add("session_created", at + turn * HOUR, { sid: `${at}-${turn}` });
      if (turn < ends) add("session_expired", at + turn * HOUR + 30 * MINUTE, { reason: "idle" });
    }
  };

  test("speaks where a person's sessions run out far more often than on their other days", () => {
    const { records, add } = trail();
    for (let at = 0; at < 10; at++) day(add, at * DAY, 1);
    day(add, 10 * DAY, 4);
    expect(only(records, "keeps-expiring")).toMatchObject([{ count: 4, of: { subject: "ann" } }]);
  });

  test.each([
    ["a new person", 3, 0, 9],
    ["a person who is used to it", 20, 2, 6],
    ["fewer than the floor", 20, 0, 2],
  ])("says nothing of %s", (_who, days, usual, today) => {
    const { records, add } = trail();
    for (let at = 0; at < days; at++) day(add, at * DAY, usual);
    day(add, days * DAY, today);
    expect(only(records, "keeps-expiring")).toEqual([]);
  });
});

describe("sits-idle", () => {
  const session = (add: ReturnType<typeof trail>["add"], at: number, active: number, idle = 15 * MINUTE) =>
    add("session_expired", at + active + idle, {
      reason: "idle",
      startedAt: iso(at),
      lastActiveAt: iso(at + active),
      idleTimeout: idle,
    });

  test("speaks of five sessions in a week that were hardly used", () => {
    const { records, add } = trail();
    for (let turn = 0; turn < 5; turn++) session(add, turn * DAY, 30 * SECOND);
    expect(only(records, "sits-idle")).toMatchObject([
      { count: 5, severity: "notice", evidence: [0, 1, 2, 3, 4] },
    ]);
  });

  test.each([
    ["a display, which a rule of the policy gives more time", 5, DAY, 0, 8 * HOUR, 0],
    ["sessions that were used", 8, DAY, 20 * MINUTE, undefined, 0],
    ["five in five weeks", 5, 7 * DAY, 0, undefined, 0],
    ["few among many that were signed out of", 6, DAY / 2, 0, undefined, 3],
  ])("says nothing of %s", (_what, count, every, active, idle, logouts) => {
    const { records, add } = trail();
    for (let turn = 0; turn < count; turn++) {
      session(add, turn * every, active, idle);
      for (let more = 0; more < logouts; more++)
        add("session_logout", turn * every + (more + 1) * HOUR, { reason: "signed-out" });
    }
    expect(only(records, "sits-idle")).toEqual([]);
  });
});

describe("two-places", () => {
  const stale = (nonce: string) => ({ code: "stale-nonce", signed: true, staleNonce: nonce });
  const inTurn = (details: (turn: number) => object, from: (turn: number) => string, turns = 4) => {
    const { records, add } = trail();
    for (let turn = 0; turn < turns; turn++) {
      add("heartbeat_refused", turn * MINUTE, { ...stale(`n${turn}`), from: HOME, ...details(turn) });
      add("session_renewed", turn * MINUTE + SECOND, { from: from(turn) });
    }
    return records;
  };

  test("speaks of a copied profile, whether it is used from elsewhere or from here", () => {
    expect(
      only(
        inTurn(
          () => ({}),
          () => ELSEWHERE,
        ),
        "two-places",
      ),
    ).toMatchObject([{ severity: "error", count: 3, evidence: [0, 2, 4] }]);
    expect(
      only(
        inTurn(
          () => ({}),
          () => HOME,
        ),
        "two-places",
      ),
    ).toHaveLength(1);
  });

  test.each<[string, readonly AuditRecord[]]>([
    [
      "the same nonce again",
      inTurn(
        () => ({ staleNonce: "n" }),
        () => HOME,
      ),
    ],
    [
      "a signature that is not the key's",
      inTurn(
        () => ({ signed: false }),
        () => HOME,
      ),
    ],
    [
      "two turns",
      inTurn(
        () => ({}),
        () => ELSEWHERE,
        2,
      ),
    ],
    [
      "answers that are lost now and then on a network that changes",
      (() => {
        const { records, add } = trail();
        for (let at = 0; at < 60; at++) {
          const from = at % 20 < 10 ? HOME : ELSEWHERE;
          add("session_renewed", at * MINUTE, { from });
          if (at % 6 === 0) add("heartbeat_refused", at * MINUTE + 5 * SECOND, { ...stale(`n${at}`), from });
        }
        return records;
      })(),
    ],
  ])("says nothing of %s", (_what, records) => {
    expect(only(records, "two-places")).toEqual([]);
  });
});

describe("never-bound", () => {
  const end = (add: ReturnType<typeof trail>["add"], at: number, bound: boolean) =>
    add("session_expired", at, {
      reason: "idle",
      change: bound ? 9 : 2,
      startedAt: iso(at - 15 * MINUTE),
      lastActiveAt: iso(bound ? at : at - 15 * MINUTE),
    });

  test("speaks where half of what runs out never had a key, of the app as a whole", () => {
    const { records, add } = trail();
    for (let turn = 0; turn < 10; turn++) end(add, turn * MINUTE, turn % 2 === 0);
    expect(only(records, "never-bound")).toMatchObject([{ count: 5, of: null }]);
  });

  test("says nothing where it is few of many, or four", () => {
    const { records, add } = trail();
    for (let turn = 0; turn < 60; turn++) end(add, turn * MINUTE, turn % 10 !== 0);
    const few = trail();
    for (let turn = 0; turn < 4; turn++) end(few.add, turn * MINUTE, false);
    expect([...only(records, "never-bound"), ...only(few.records, "never-bound")]).toEqual([]);
  });
});

describe.each([
  ["revoked-en-masse", "session_revoked"],
  ["expired-en-masse", "session_expired"],
] as const)("%s", (rule, type) => {
  const days = (count: number, usual: number, today: number) => {
    const { records, add } = trail();
    for (let at = 0; at <= count; at++) {
      add("session_created", at * DAY);
      const ends = at === count ? today : usual;
      for (let turn = 0; turn < ends; turn++) add(type, at * DAY + 30 * MINUTE + turn * SECOND);
    }
    return only(records, rule);
  };

  test("speaks once of far more ends than in this hour of other days", () => {
    expect(days(4, 5, 40)).toMatchObject([{ rule, count: 26, of: null }]);
  });

  test("says nothing of a small app, of what is usual, or of the first days", () => {
    expect([days(5, 0, 19), days(5, 10, 50), days(1, 0, 500)]).toEqual([[], [], []]);
  });
});

describe("what speaks for itself", () => {
  test.each<[WatchRuleName, string, object]>([
    ["forged", "heartbeat_refused", { code: "signature" }],
    ["forged", "key_refused", { code: "already-bound" }],
    ["forged", "proof_refused", { code: "signature" }],
    ["clock", "clock_stepped", { step: 60_000 }],
    ["gap", "audit_gap", { count: 3 }],
    ["policy-drift", "policy_drift", {}],
    ["policy-drift", "policy_changed", { looser: true }],
    ["idp-silent", "idp_silent_sign_in", { code: "subject" }],
  ])("%s speaks of the first %s, and within the quiet period of no other", (rule, type, details) => {
    const { records, add } = trail();
    for (const at of [0, 30 * MINUTE, 59 * MINUTE]) add(type, at, details);
    expect(only(records, rule)).toMatchObject([{ rule, count: 1, evidence: [0] }]);
    add(type, 61 * MINUTE, details);
    expect(only(records, rule)).toHaveLength(2);
  });

  test.each<[WatchRuleName, string, object]>([
    ["forged", "heartbeat_refused", { code: "stale-nonce" }],
    ["forged", "heartbeat_refused", { code: "ahead" }],
    ["forged", "key_refused", { code: "bind-closed" }],
    ["forged", "proof_refused", { code: "challenge" }],
    ["policy-drift", "policy_changed", { looser: false }],
    ["gap", "audit_torn", { count: 9 }],
  ])("%s says nothing of %s %j", (rule, type, details) => {
    const { records, add } = trail();
    add(type, 0, details);
    expect(only(records, rule)).toEqual([]);
  });

  test("another session's is another alert", () => {
    const { records, add } = trail();
    add("key_refused", 0, { code: "already-bound" });
    add("key_refused", MINUTE, { code: "already-bound", sid: "s2" });
    expect(only(records, "forged").map(({ of }) => of?.sid)).toEqual(["s1", "s2"]);
  });
});

describe("machine-like", () => {
  interface Beat {
    readonly gap?: number;
    readonly counts?: Parameters<typeof heartbeatOf>[0];
    readonly details?: object;
  }
  const session = (beats: number, beat: (turn: number) => Beat) => {
    const { records, add } = trail();
    let at = 0;
    for (let turn = 0; turn < beats; turn++) {
      const { gap = MINUTE, counts = { pointer: 60 }, details = {} } = beat(turn);
      at += gap;
      const times = { lastActiveAt: iso(at), expiresAt: iso(at + 15 * MINUTE) };
      add("session_renewed", at, {
        intent: "activity",
        heartbeat: heartbeatOf(counts),
        ...times,
        ...details,
      });
    }
    return only(records, "machine-like");
  };
  /** As people are: no two minutes alike. */
  const some = (turn: number) => 20 + ((turn * 7919) % 173);

  test("speaks of a mouse that is moved once a second, within 50 minutes, and says why", () => {
    expect(session(50, () => ({}))).toMatchObject([
      { severity: "warning", because: "one kind of input (pointer), steady counts, regular distances" },
    ]);
  });

  test.each<[string, (turn: number) => Beat]>([
    ["one kind of input alone", (turn) => ({ gap: MINUTE + (turn % 7) * 311, counts: { key: some(turn) } })],
    [
      "steady counts of several kinds alone",
      (turn) => ({ gap: MINUTE + ((turn * 37) % 61) * 211, counts: { pointer: 900, key: 30 } }),
    ],
    ["regular distances of several kinds alone", (turn) => ({ counts: { pointer: some(turn), key: 2 } })],
    ["more input than a heartbeat counts", () => ({ counts: { pointer: 999 } })],
    [
      "a browser that says it is automated, alone",
      (turn) => ({
        gap: MINUTE + turn * 211,
        counts: { pointer: some(turn), key: 3 },
        details: { automated: true },
      }),
    ],
    ["media", (turn) => ({ gap: MINUTE + (turn % 5) * 777, counts: { media: 240 } })],
  ])("says nothing of %s", (_what, beat) => {
    expect(session(120, beat)).toEqual([]);
  });

  test("an automated browser with one kind of input is told of", () => {
    const alerts = session(60, (turn) => ({
      gap: MINUTE + (turn % 7) * 311,
      counts: { pointer: some(turn) },
      details: { automated: true },
    }));
    expect(alerts[0]?.because).toBe("one kind of input (pointer), automated");
  });

  test("warnings that are answered at once, each time, by one kind of input are told of", () => {
    const { records, add } = trail();
    for (let turn = 1; turn <= 4; turn++) {
      const at = turn * 16 * MINUTE + turn * 300;
      const times = { lastActiveAt: iso(at), expiresAt: iso(at + 18 * MINUTE - 100) };
      add("session_renewed", at, { intent: "extend", heartbeat: heartbeatOf({ pointer: 3 }), ...times });
    }
    expect(only(records, "machine-like").map(({ because }) => because)).toEqual([
      "one kind of input (pointer), prompt answers",
    ]);
  });

  test("a day without a pause, by one kind of input, is told of after 16 hours", () => {
    const alerts = session(17 * 60, (turn) => ({
      gap: MINUTE + (turn % 7) * 311,
      counts: { key: some(turn) },
    }));
    expect(alerts[0]?.because).toBe("one kind of input (key), no pause");
  });
});
