/**
 * A fleet in numbers: what so many signed-in people cost, by a published model of their activity (docs/scale.md). What one
 * heartbeat costs is measured here, and the model is checked by sending what it says of few people to the real server.
 */
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RedisServer, startRedis } from "../test/stores/support/redis-server.js";
import { makeServer } from "./server/apps.js";
import { signIn } from "./server/people.js";

/** Minutes; the logarithm of each is normally distributed. */
interface Spread {
  readonly median: number;
  readonly sigma: number;
}

/** How people use an app at work: stretches of input, with pauses between. */
export interface ActivityModel {
  readonly input: Spread;
  readonly pause: Spread;
  /** The share of the signed-in whose page is in sight at the busiest hour. */
  readonly inSight: number;
}

export const OFFICE: ActivityModel = {
  input: { median: 3, sigma: 1 },
  pause: { median: 2, sigma: 1.2 },
  inSight: 0.5,
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Numbers from 0 to 1, the same for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

function lengthOf({ median, sigma }: Spread, random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  return median * MINUTE * Math.exp(sigma * normal);
}

export interface Stretch {
  readonly from: number;
  readonly until: number;
}

/** The stretches of input of one person. */
export function stretchesOf(
  model: ActivityModel,
  duration: number,
  seed: number,
  longestPause = Number.POSITIVE_INFINITY,
): readonly Stretch[] {
  const random = createRandom(seed);
  const stretches: Stretch[] = [];
  for (let from = 0; from < duration; ) {
    const until = Math.min(duration, from + lengthOf(model.input, random));
    stretches.push({ from, until });
    from = until + Math.min(longestPause, lengthOf(model.pause, random));
  }
  return stretches;
}

/** When one person's browser sends heartbeats: at input, and no sooner than an interval after the one before. */
export function heartbeatsOf(
  model: ActivityModel,
  interval: number,
  duration: number,
  seed: number,
): readonly number[] {
  const beats: number[] = [];
  for (const { from, until } of stretchesOf(model, duration, seed))
    for (let next = Math.max(from, (beats.at(-1) ?? -interval) + interval); next < until; next += interval)
      beats.push(next);
  return beats;
}

/** What a heartbeat costs beside the processor. */
export interface HeartbeatCost {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly redisCommands: number;
}

const SAMPLE = 2_000;

/** Heartbeats of one person in an hour at which the app is used. */
export function heartbeatRate(model: ActivityModel, interval: number): number {
  let beats = 0;
  for (let seed = 0; seed < SAMPLE; seed++) beats += heartbeatsOf(model, interval, HOUR, seed).length;
  return beats / SAMPLE;
}

async function commandsOf({ admin }: RedisServer): Promise<number> {
  return Number(/total_commands_processed:(\d+)/.exec(await admin.info("stats"))?.[1]);
}

export interface ScaleCheck {
  readonly cost: HeartbeatCost;
  /** What was measured of the check's people together, as a share of what was foretold of them. */
  readonly bytesRatio: number;
  readonly commandsRatio: number;
  readonly heartbeats: number;
}

/** Measures what one heartbeat costs on Redis, foretells what the hour of `people` costs, and lets them have that hour. */
export async function checkScale(
  model: ActivityModel,
  interval: number,
  people: number,
): Promise<ScaleCheck> {
  const folder = mkdtempSync(join(tmpdir(), "curfew-bench-"));
  const redis = await startRedis();
  const server = await makeServer({ app: "node", store: "redis", folder, redis: redis.url });
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  const sum = (of: "bytesRead" | "bytesWritten") => [...sockets].reduce((all, socket) => all + socket[of], 0);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  const costOf = async (work: () => Promise<unknown>) => {
    const before = { in: sum("bytesRead"), out: sum("bytesWritten"), commands: await commandsOf(redis) };
    await work();
    return {
      bytesIn: sum("bytesRead") - before.in,
      bytesOut: sum("bytesWritten") - before.out,
      // One of them is the question itself.
      redisCommands: (await commandsOf(redis)) - before.commands - 1,
    };
  };
  try {
    const one = await signIn(port, "the first", "heartbeat");
    const times = 400;
    const measured = await costOf(async () => {
      for (let at = 0; at < times; at++) await one.heartbeat();
    });
    const cost = {
      bytesIn: measured.bytesIn / times,
      bytesOut: measured.bytesOut / times,
      redisCommands: measured.redisCommands / times,
    };
    const all = await Promise.all(
      Array.from({ length: people }, (_, at) => signIn(port, `person ${at}`, "heartbeat")),
    );
    const heartbeats = people * heartbeatRate(model, interval);
    const hour = await costOf(() =>
      Promise.all(
        all.map(async (person, seed) => {
          for (const _ of heartbeatsOf(model, interval, HOUR, 10_000 + seed)) await person.heartbeat();
        }),
      ),
    );
    return {
      cost,
      heartbeats,
      bytesRatio: (hour.bytesIn + hour.bytesOut) / (heartbeats * (cost.bytesIn + cost.bytesOut)),
      commandsRatio: hour.redisCommands / (heartbeats * cost.redisCommands),
    };
  } finally {
    server.closeAllConnections();
    server.close();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface Fleet {
  readonly people: number;
  readonly heartbeatsASecond: number;
  readonly megabitsASecond: number;
  readonly redisCommandsASecond: number;
  /** Of the apps' processes, for heartbeats alone. */
  readonly cores: number;
  readonly streams: number;
}

/** What a fleet is asked for in its busiest hour. @param microseconds of processor time a heartbeat takes */
export function fleetOf(
  people: number,
  model: ActivityModel,
  {
    interval,
    cost,
    microseconds,
  }: { readonly interval: number; readonly cost: HeartbeatCost; readonly microseconds: number },
): Fleet {
  const inSight = people * model.inSight;
  const heartbeatsASecond = (inSight * heartbeatRate(model, interval)) / 3_600;
  return {
    people,
    heartbeatsASecond,
    megabitsASecond: (heartbeatsASecond * (cost.bytesIn + cost.bytesOut) * 8) / 1e6,
    redisCommandsASecond: heartbeatsASecond * cost.redisCommands,
    cores: (heartbeatsASecond * microseconds) / 1e6,
    streams: inSight,
  };
}

const COLOURS = ["#1d4ed8", "#b45309", "#047857"];

/** A plot of lines over logarithmic axes, with a text for who cannot see it. */
export function plotOf(
  title: string,
  xs: readonly number[],
  lines: Readonly<Record<string, readonly number[]>>,
): string {
  const all = Object.values(lines).flat();
  const [left, top, width, height] = [70, 40, 480, 240];
  const logs = (values: readonly number[]) =>
    [Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values)))] as const;
  const [x0, x1] = logs(xs);
  const [y0, y1] = logs(all);
  const x = (value: number) => left + ((Math.log10(value) - x0) / Math.max(1, x1 - x0)) * width;
  const y = (value: number) => top + height - ((Math.log10(value) - y0) / Math.max(1, y1 - y0)) * height;
  const grid: string[] = [];
  for (let power = y0; power <= y1; power++)
    grid.push(
      `<path d="M${left} ${y(10 ** power).toFixed(1)}h${width}" stroke="#ccc"/><text x="${left - 8}" y="${(y(10 ** power) + 4).toFixed(1)}" text-anchor="end">${(10 ** power).toLocaleString("en-GB")}</text>`,
    );
  for (const value of xs)
    grid.push(
      `<text x="${x(value).toFixed(1)}" y="${top + height + 20}" text-anchor="middle">${value.toLocaleString("en-GB")}</text>`,
    );
  const drawn = Object.entries(lines).map(([name, values], at) => {
    const colour = COLOURS[at % COLOURS.length];
    const points = values
      .map((value, place) => `${x(xs[place] ?? 1).toFixed(1)},${y(value).toFixed(1)}`)
      .join(" ");
    return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"/><text x="${left + 8}" y="${top + 16 + 18 * at}" fill="${colour}">${name}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 580 320" font-family="sans-serif" font-size="12" role="img" aria-label="${title}">
<rect width="580" height="320" fill="#fff"/>
<text x="${left}" y="22" font-size="15">${title}</text>
${grid.join("\n")}
${drawn.join("\n")}
</svg>
`;
}
