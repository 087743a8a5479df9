/** What `machine-like` makes of people and of machines; the table stands in docs/alerts.md. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { chance } from "./corpus/chance.js";
import { MACHINES } from "./corpus/machines.js";
import { type Actor, ASSISTED, PEOPLE } from "./corpus/people.js";
import { recordsOf } from "./corpus/session.js";
import { alertsOf, HOUR, MINUTE, T0 } from "./support/records.js";

const LENGTH = 8 * HOUR;
/** Fixed, so that the table can be held: other seeds were tried when it was made. */
const SEED = 20_261_129;

interface Outcome {
  readonly hours: number;
  readonly alerts: number;
  /** Of how many sessions. */
  readonly caught: number;
  /** Minutes from the beginning to the first alert, at most. */
  readonly slowest: number | null;
}

function outcomeOf(actor: Actor, sessions: number): Outcome {
  let [hours, alerts, caught] = [0, 0, 0];
  let slowest: number | null = null;
  for (let turn = 0; turn < sessions; turn++) {
    const inputs = [...actor(chance(SEED + turn), LENGTH)].sort((a, b) => a.at - b.at);
    const { records, lasted } = recordsOf(inputs, {
      sid: `s${turn}`,
      interval: MINUTE,
      idleTimeout: 15 * MINUTE,
      from: 0,
    });
    const found = alertsOf(records, { rules: ["machine-like"] });
    hours += lasted / HOUR;
    alerts += found.length;
    const [first] = found;
    if (first === undefined) continue;
    caught++;
    slowest = Math.max(slowest ?? 0, (first.at - T0) / MINUTE);
  }
  return { hours, alerts, caught, slowest };
}

const page = readFileSync(new URL("../../docs/alerts.md", import.meta.url), "utf8");
const PEOPLES_SESSIONS = 24;
const ASSISTED_SESSIONS = 40;
/** Hours of each: 800 in all. */
const AT_LEAST = 267;
const MACHINES_SESSIONS = 10;

describe("a person", () => {
  test.each(Object.entries(ASSISTED))("%s is never taken for a machine", (name, actor) => {
    const { hours, alerts } = outcomeOf(actor, ASSISTED_SESSIONS);
    expect(hours).toBeGreaterThan(AT_LEAST);
    expect([name, alerts]).toEqual([name, 0]);
  });

  test("all others are taken for one less than once in 1,000 hours", () => {
    const outcomes = Object.entries(PEOPLE).map(([name, actor]) => ({
      name,
      ...outcomeOf(actor, PEOPLES_SESSIONS),
    }));
    const hours = outcomes.reduce((sum, outcome) => sum + outcome.hours, 0);
    const alerts = outcomes.reduce((sum, outcome) => sum + outcome.alerts, 0);
    expect(hours).toBeGreaterThan(1_000);
    expect((1_000 * alerts) / hours).toBeLessThan(1);
  });
});

describe("a machine", () => {
  test.each(Object.entries(MACHINES))("%s is caught, or not, as docs/alerts.md says", (name, actor) => {
    const { caught, slowest } = outcomeOf(actor, MACHINES_SESSIONS);
    const told = slowest === null ? "–" : `${Math.ceil(slowest)} min`;
    const row = `| ${name} | ${caught} of ${MACHINES_SESSIONS} | ${told} |`;
    expect(page.split("\n").find((line) => line.startsWith(`| ${name} |`))).toBe(row);
  });
});
