/** The server's half as Markdown: a table for bench/README.md, and docs/scale.md with its plots. */
import { cpus } from "node:os";
import type { ExpiryResult, GrowthResult } from "./growth.js";
import { expiryTable, growthTable } from "./growth-tables.js";
import { heartbeatRows, type ServerResult } from "./heartbeats.js";
import { type Fleet, fleetOf, OFFICE, plotOf, type ScaleCheck } from "./scale.js";
import type { SustainedResult } from "./sustained.js";
import { count, millis, table } from "./tables.js";

export interface ServerResults {
  readonly heartbeats: readonly ServerResult[];
  readonly sustained: readonly SustainedResult[];
  readonly growth: readonly GrowthResult[];
  readonly expiry: readonly ExpiryResult[];
  readonly scale: ScaleCheck;
}

/** Of a policy with `idle: "15m"`. */
export const SCALE_INTERVAL = 60_000;
const FLEETS = [1_000_000, 10_000_000, 100_000_000];

/** When and on what it was measured. */
function machine(): string {
  const [first] = cpus();
  return `Node ${process.versions.node}, ${cpus().length} cores (${first?.model.trim() ?? "unknown"}), ${new Date().toISOString().slice(0, 10)}`;
}

const capacityOf = ({ processes, cost }: SustainedResult) => (processes * 1e6) / cost;

/** What the figures mean on a machine of so many processors. */
function sustainedText(sustained: readonly SustainedResult[]): string {
  const ratios = [...new Set(sustained.map(({ name }) => name))].map((name) => {
    const [one, two] = sustained.filter((result) => result.name === name).map(capacityOf);
    return `${name} ${((two ?? Number.NaN) / (one ?? Number.NaN)).toFixed(2)} ×`;
  });
  const [first] = sustained;
  const shared = sustained.filter(({ isApart }) => !isApart).map(({ processes }) => processes);
  const apart =
    shared.length === 0
      ? "Servers and the load had processors of their own."
      : `There were too few processors for the load beside ${Math.min(...shared)} servers: there the rate is what was left to them, and the last column says what they could.`;
  return `${first?.people ?? 0} people, each with one heartbeat after the other over real HTTP. ${apart} Two processes by processor time, beside one: ${ratios.join(", ")}.`;
}

export function serverSections({ heartbeats, sustained, growth, expiry }: ServerResults): readonly string[] {
  return [
    "## A heartbeat on the server",
    `Microseconds of the server's processor time a request: median of the rounds, best and worst. ${machine()}.`,
    table(
      ["", "heartbeat", "beside the floor", "status", "what a guard adds", "a route without it"],
      heartbeatRows(heartbeats),
    ),
    "## Heartbeats a second that are kept up",
    sustainedText(sustained),
    table(
      [
        "",
        "processes",
        "heartbeats a second",
        "answered after (p50)",
        "p99",
        "servers' processor time for one",
        "of a processor used by each",
        "what full processors would take",
      ],
      sustained.map((one) => [
        one.name,
        String(one.processes),
        count(one.rate),
        millis(one.median),
        millis(one.p99),
        `${count(one.cost)} µs`,
        `${count(one.busy * 100)} %`,
        count(capacityOf(one)),
      ]),
    ),
    "## Among so many sessions",
    "Microseconds a call, medians, in the process itself; `endAll` waits 2 ms on purpose, so that whoever signs in after it is later.",
    growthTable(growth),
    "## All of them expire in the same moment",
    "In memory, with one request after the other beside it.",
    expiryTable(expiry),
  ];
}

function fleets({ heartbeats, scale }: ServerResults): readonly Fleet[] {
  const redis =
    heartbeats.find(({ name }) => name === "Curfew, Redis")?.costs.heartbeat?.median ?? Number.NaN;
  return FLEETS.map((people) =>
    fleetOf(people, OFFICE, { interval: SCALE_INTERVAL, cost: scale.cost, microseconds: redis }),
  );
}

/** What stands between the marks in docs/scale.md. */
export function scaleReport(results: ServerResults): string {
  const { scale } = results;
  const rows = fleets(results).map((fleet) => [
    count(fleet.people),
    count(fleet.heartbeatsASecond),
    `${count(fleet.megabitsASecond)} Mbit/s`,
    count(fleet.redisCommandsASecond),
    fleet.cores.toFixed(1),
    count(fleet.streams),
  ]);
  const percent = (ratio: number) => `${(ratio * 100).toFixed(0)} %`;
  return [
    `Measured: ${machine()}. A heartbeat on Redis: ${count(scale.cost.bytesIn)} bytes in, ${count(scale.cost.bytesOut)} out, ${scale.cost.redisCommands.toFixed(1)} commands, those inside its scripts included.`,
    table(
      [
        "signed in",
        "heartbeats a second",
        "on the wire",
        "Redis commands a second",
        "cores, for heartbeats",
        "open streams",
      ],
      rows,
    ),
    `Checked: the model foretold ${count(scale.heartbeats)} heartbeats for an hour of few people. Sent to the real server, they took ${percent(scale.bytesRatio)} of the bytes and ${percent(scale.commandsRatio)} of the Redis commands that were foretold.`,
    "![Heartbeats and Redis commands a second, and cores, for 1 to 100 million people who are signed in](scale-fleet.svg)",
    "![Microseconds a call, by the number of sessions in memory: heartbeat, check and sign-in](scale-growth.svg)",
  ].join("\n\n");
}

/** The plots of docs/scale.md, by file name. */
export function scalePlots(results: ServerResults): Readonly<Record<string, string>> {
  const all = fleets(results);
  const memory = results.growth.filter(({ store }) => store === "memory");
  return {
    "scale-fleet.svg": plotOf("What the busiest hour asks for, by people who are signed in", FLEETS, {
      "heartbeats a second": all.map(({ heartbeatsASecond }) => heartbeatsASecond),
      "Redis commands a second": all.map(({ redisCommandsASecond }) => redisCommandsASecond),
      "cores for heartbeats": all.map(({ cores }) => cores),
    }),
    "scale-growth.svg": plotOf(
      "Microseconds a call, by sessions in memory",
      memory.map(({ sessions }) => sessions),
      {
        heartbeat: memory.map(({ heartbeat }) => heartbeat),
        check: memory.map(({ guard }) => guard),
        "sign-in": memory.map(({ signIn }) => signIn),
      },
    ),
  };
}
