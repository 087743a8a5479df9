/** The corpus in a real Chromium: what the client reports of it, and what `machine-like` makes of that. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { AuditRecord } from "../../src/server/audit/audit-record.js";
import { MACHINES } from "./corpus/machines.js";
import { ASSISTED, PEOPLE } from "./corpus/people.js";
import { ACTORS, DENSE, type Recorded, recordedInputs, recordings } from "./corpus/recorded.js";
import { recordsOf } from "./corpus/session.js";
import { alertsOf, heartbeatOf, iso, MINUTE } from "./support/records.js";

const IDLE = 15 * MINUTE;
const NOT_CAUGHT = ["mouse, log-normal, 40 s", "a macro of keys", "a replayed recording"];

function trailOf({ name, beats }: Recorded): readonly AuditRecord[] {
  const base = { v: 1, app: "app", sid: name, subject: `of ${name}`, policy: "p" } as const;
  return [
    { ...base, at: iso(0), type: "session_created" },
    ...beats.map(
      ({ at, lastActiveAt, intent, counts }): AuditRecord => ({
        ...base,
        at: iso(at),
        type: "session_renewed",
        intent: intent as "activity",
        lastActiveAt: iso(lastActiveAt),
        expiresAt: iso(lastActiveAt + IDLE),
        heartbeat: heartbeatOf(counts),
      }),
    ),
  ];
}

/** What the corpus says that the client reports of the same input. */
function simulated(name: string): readonly AuditRecord[] {
  const actor = ACTORS[name];
  if (actor === undefined) throw new Error(`the corpus has no ${name}`);
  const inputs = recordedInputs(actor);
  return recordsOf(inputs, { sid: name, interval: MINUTE, idleTimeout: IDLE, from: 0 }).records;
}

const isAlerted = (records: readonly AuditRecord[]) =>
  alertsOf(records, { rules: ["machine-like"] }).length > 0;

const all = recordings();
const named = (names: object) =>
  all.filter(({ name }) => name in names).map((one) => [one.name, one] as const);

test("docs/alerts.md names those that are not caught", () => {
  const page = readFileSync("docs/alerts.md", "utf8").replaceAll(/\s+/g, " ");
  expect(page).toContain(`not caught there: ${NOT_CAUGHT.join("; ")}.`);
});

test("there is a recording of each of the corpus whose movements are not too dense for it", () => {
  const recordable = Object.keys(ACTORS).filter((name) => !DENSE.includes(name));
  expect(all.map(({ name }) => name).toSorted()).toEqual(recordable.toSorted());
});

describe("in a real browser", () => {
  test.each([...named(PEOPLE), ...named(ASSISTED)])("%s is taken for no machine", (_name, one) => {
    expect(one.beats.length).toBeGreaterThan(20);
    expect(alertsOf(trailOf(one), { rules: ["machine-like"] })).toEqual([]);
  });

  test.each(named(MACHINES))(
    "%s is caught within 50 minutes, or not, as docs/alerts.md says",
    (name, one) => {
      expect(isAlerted(trailOf(one))).toBe(!NOT_CAUGHT.includes(name));
      // What the corpus catches in that time is caught here too.
      if (isAlerted(simulated(name))) expect(NOT_CAUGHT).not.toContain(name);
    },
  );
});

test.each(all.map((one) => [one.name, one] as const))(
  "%s: the client reports as often as the corpus says that it does",
  (name, { beats }) => {
    const expected = simulated(name).length - 1;
    expect(Math.abs(beats.length - expected)).toBeLessThanOrEqual(Math.max(2, expected / 20));
  },
);
