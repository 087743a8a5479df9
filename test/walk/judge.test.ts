/** The random walk's own judgement: each fault that is planted in what it sees is found, and nothing else is. */
import { expect, test } from "vitest";
import {
  type AuditRecord,
  faultsIn,
  type Observations,
  type Rules,
  type Sample,
} from "../../e2e/walk/judge.js";
import { chanceOf } from "../../e2e/walk/random.js";

const RULES: Rules = {
  idle: 6_000,
  absolute: 60_000,
  heartbeat: 500,
  late: 1_000,
  claimError: 200,
  recovery: 2_000,
};
const T = 1_800_000_000_000;

const iso = (after: number) => new Date(T + after).toISOString();
const created = (sid: string, at: number): AuditRecord => ({ type: "session_created", sid, at: iso(at) });
const renewed = (sid: string, at: number, activeAt: number): AuditRecord => ({
  type: "session_renewed",
  sid,
  at: iso(at),
  lastActiveAt: iso(activeAt),
});
const expired = (sid: string, at: number, reason = "idle"): AuditRecord => ({
  type: "session_expired",
  sid,
  at: iso(at + 300),
  endedAt: iso(at),
  reason,
});
const WARD = "the ward's browser";
const input = (at: number, isHeard = true) => ({ from: T + at, until: T + at + 50, browser: WARD, isHeard });
const sample = (at: number, status: string, isWordShown: boolean, since = 0): Sample => ({
  from: T + at,
  until: T + at + 20,
  browser: WARD,
  tab: "tab 1",
  since: T + since,
  status,
  expiresAt: status === "active" ? T + (at < 3_100 ? 6_000 : 9_020) : null,
  isWordShown,
});

/** Signed in at 0, a movement at 3 s, ended at 9 s. */
function whole(changes: Partial<Observations> = {}): Observations {
  return {
    records: [created("a", 0), renewed("a", 3_100, 3_020), expired("a", 9_020)],
    signIns: [{ at: T - 20, browser: WARD }],
    acts: [],
    inputs: [input(3_000)],
    samples: [sample(2_000, "active", true), sample(5_500, "active", true), sample(11_000, "ended", false)],
    requests: [],
    outages: [],
    errors: [],
    ...changes,
  };
}

/** So many calls of a browser with two tabs in each of thirty seconds. */
const calls = (perSecond: number) =>
  Array.from({ length: perSecond * 30 }, (_none, at) => ({
    at: T + Math.round((at * 1_000) / perSecond),
    browser: WARD,
    tabs: 2,
  }));

test("where all is well nothing is found", () => {
  expect(faultsIn(whole(), RULES)).toEqual([]);
});

test.each<[string, Partial<Observations>, RegExp]>([
  ["an extension without input", { inputs: [input(1_000)] }, /extended by activity/],
  ["an extension long after the input", { inputs: [input(2_000)] }, /extended by activity/],
  [
    "an end before its time",
    {
      records: [created("a", 0), renewed("a", 3_100, 3_020), expired("a", 8_000)],
      inputs: [input(3_000, false)],
      samples: [],
    },
    /before its time/,
  ],
  [
    "an absolute end before its time",
    { records: [created("a", 0), renewed("a", 3_100, 3_020), expired("a", 8_000, "absolute")], samples: [] },
    /before its time/,
  ],
  [
    "an end after its time",
    { records: [created("a", 0), renewed("a", 3_100, 3_020), expired("a", 9_500)], samples: [] },
    /ended 480 ms after its time/,
  ],
  [
    "an extension by input in another browser",
    { inputs: [{ ...input(3_000), browser: "the office's browser" }] },
    /extended by activity/,
  ],
  [
    "a session that comes back",
    {
      records: [created("a", 0), renewed("a", 6_100, 3_020), expired("a", 9_020)],
      samples: [],
    },
    /extended 100 ms after its end/,
  ],
  [
    "a session that nobody began",
    { records: [created("a", 0)], signIns: [{ at: T + 500, browser: WARD }], samples: [] },
    /nobody had signed in/,
  ],
  ...(["session_logout", "session_revoked", "session_replaced"] as const).map(
    (type): [string, Partial<Observations>, RegExp] => [
      `an end by ${type} that nobody asked for`,
      { records: [created("a", 0), { type, sid: "a", at: iso(2_000) }], inputs: [], samples: [] },
      new RegExp(`ended by ${type}, and nobody had asked`),
    ],
  ),
  [
    "a page that takes its session to live longer than the server does",
    { samples: [{ ...sample(6_500, "active", true), expiresAt: T + 12_000 }] },
    /lasts until .+, and the server says/,
  ],
  [
    "a page that has not heard of an extension in another tab",
    { samples: [{ ...sample(5_000, "active", true), expiresAt: T + 6_000 }] },
    /lasts until .+, and the server says/,
  ],
  [
    "a page that is covered right after it was shown again",
    { samples: [sample(6_500, "unconfirmed", false, 5_000)] },
    /"unconfirmed"/,
  ],
  [
    "an input that nobody heard",
    { records: [created("a", 0), expired("a", 6_000)], inputs: [input(2_000)], samples: [] },
    /although there was input/,
  ],
  [
    "a page that shows the word after the end",
    { samples: [sample(11_000, "ended", true)] },
    /showed the protected word 1980 ms after the end/,
  ],
  [
    "the same where the network is down, for the page knows its deadline",
    {
      samples: [sample(11_000, "active", true)],
      outages: [{ from: T + 5_000, until: Number.POSITIVE_INFINITY }],
    },
    /showed the protected word/,
  ],
  [
    "a page that shows what was signed out in another tab",
    {
      records: [
        created("a", 0),
        renewed("a", 3_100, 3_020),
        { type: "session_logout", sid: "a", at: iso(4_000), reason: "signed-out" },
      ],
      acts: [{ type: "session_logout", from: T + 3_900, until: T + 4_050 }],
      samples: [sample(6_000, "active", true)],
    },
    /showed the protected word/,
  ],
  ["a page that does not know of the end", { samples: [sample(11_000, "active", false)] }, /said "active"/],
  ["a page that thinks it over", { samples: [sample(5_000, "ended", false)] }, /said "ended" while/],
  ["a page that stays covered", { samples: [sample(5_000, "active", false)] }, /stayed covered/],
  [
    "a page that never comes to a verdict",
    { samples: [sample(5_000, "unconfirmed", false)] },
    /"unconfirmed"/,
  ],
  ["a page that throws", { errors: ["a page threw: x is not a function"] }, /a page threw: x is/],
  ["a storm", { requests: calls(13) }, /the ward's browser made \d+ calls in ten seconds, with 2 tabs/],
])("it finds %s", (_fault, changes, found) => {
  const faults = faultsIn(whole(changes), RULES);
  expect(faults).toEqual([expect.stringMatching(found)]);
});

test.each<[string, Partial<Observations>]>([
  [
    "a page that was looked at while the end was coming",
    { samples: [sample(9_500, "active", true), sample(9_100, "ended", false)] },
  ],
  [
    "a page that could not be told, for the network was down",
    {
      records: [
        created("a", 0),
        renewed("a", 3_100, 3_020),
        { type: "session_revoked", sid: "a", at: iso(4_000), reason: "revoked" },
      ],
      acts: [{ type: "session_revoked", from: T + 3_950, until: T + 4_020 }],
      samples: [sample(6_000, "active", true)],
      outages: [{ from: T + 3_500, until: T + 5_500 }],
    },
  ],
  ["a heartbeat in each half second, and questions of each tab", { requests: calls(5) }],
  [
    "what another browser does meanwhile",
    {
      records: [
        ...[created("a", 0), renewed("a", 3_100, 3_020), expired("a", 9_020)],
        ...[
          created("b", 10_000),
          { type: "session_replaced", sid: "b", at: iso(11_000) },
          created("c", 11_000),
        ],
      ],
      signIns: [
        { at: T - 20, browser: WARD },
        { at: T + 9_990, browser: "the office's browser" },
        { at: T + 10_990, browser: "the office's browser" },
      ],
      samples: [sample(15_000, "ended", false)],
    },
  ],
  ["a page that has just come", { samples: [sample(5_000, "connecting", false, 4_500)] }],
  [
    "input that was lost with the network",
    {
      records: [created("a", 0), expired("a", 6_000)],
      inputs: [input(2_000)],
      samples: [],
      outages: [{ from: T + 1_900, until: T + 2_500 }],
    },
  ],
  [
    "input that does not count: in a warning, or in a page that is covered",
    { records: [created("a", 0), expired("a", 6_000)], inputs: [input(2_000, false)], samples: [] },
  ],
])("it takes no offence at %s", (_what, changes) => {
  expect(faultsIn(whole(changes), RULES)).toEqual([]);
});

test("the same seed gives the same choices, and another one others", () => {
  const choices = (seed: number) => {
    const chance = chanceOf(seed);
    return Array.from({ length: 20 }, () => chance.weighted({ a: 1, b: 2, c: 3 })).join("");
  };
  expect(choices(7)).toBe(choices(7));
  expect(choices(7)).not.toBe(choices(8));
  expect(new Set(choices(7)).size).toBe(3);
});
