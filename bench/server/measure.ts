/** Measures servers by turns: the processor time that each request takes of the server's process, in rounds. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Setting } from "./apps.js";
import { type Person, type Presence, signIn } from "./people.js";

export type Call = keyof Person;

export interface Measured {
  readonly name: string;
  readonly setting: Setting;
  readonly calls: readonly Call[];
  readonly presence: Presence;
}

/** Microseconds of processor time a request: the median of the rounds, the best and the worst. */
export interface Cost {
  readonly median: number;
  readonly best: number;
  readonly worst: number;
}

export interface Rounds {
  readonly people: number;
  readonly rounds: number;
  /** Requests of a round. */
  readonly requests: number;
}

const CHILD = fileURLToPath(new URL("child.ts", import.meta.url));

/** One measured server, a process of its own, and the people who use it. */
export class MeasuredServer {
  readonly #process: ChildProcess;
  readonly #port: Promise<number>;
  readonly people: Person[] = [];
  readonly measured: Measured;
  readonly costs = new Map<Call, number[]>();

  constructor(measured: Measured) {
    this.measured = measured;
    this.#process = fork(CHILD, [JSON.stringify(measured.setting)], { execArgv: ["--import", "tsx"] });
    this.#process.on("exit", (code) => {
      if (code !== null)
        throw new Error(`the measured server "${measured.name}" has ended with ${code} (see above)`);
    });
    this.#port = once(this.#process, "message").then(([{ port }]) => port as number);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  async open(people: number): Promise<void> {
    const port = await this.#port;
    for (let at = 0; at < people; at++)
      this.people.push(await signIn(port, `person ${at}`, this.measured.presence));
  }

  /** Microseconds since the process began. */
  async cpu(): Promise<number> {
    const told = once(this.#process, "message") as Promise<[{ cpu: number }]>;
    this.#process.send("cost");
    return (await told)[0].cpu;
  }

  async round(call: Call, requests: number): Promise<number> {
    const each = Math.ceil(requests / this.people.length);
    const before = await this.cpu();
    await Promise.all(
      this.people.map(async (person) => {
        for (let at = 0; at < each; at++) await person[call]();
      }),
    );
    return ((await this.cpu()) - before) / (each * this.people.length);
  }

  close(): void {
    this.#process.kill();
  }
}

function costOf(values: readonly number[]): Cost {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (place: number) => sorted[place] ?? Number.NaN;
  return { median: at(Math.floor(sorted.length / 2)), best: at(0), worst: at(sorted.length - 1) };
}

/** @returns for each server, by its name, what each call costs */
export async function measureServers(
  all: readonly Measured[],
  { people, rounds, requests }: Rounds,
): Promise<ReadonlyMap<string, Readonly<Partial<Record<Call, Cost>>>>> {
  const servers = all.map((measured) => new MeasuredServer(measured));
  try {
    for (const server of servers) await server.open(people);
    // The first round warms up.
    for (let round = 0; round <= rounds; round++)
      for (const server of servers)
        for (const call of server.measured.calls) {
          const cost = await server.round(call, requests);
          if (round > 0) server.costs.set(call, [...(server.costs.get(call) ?? []), cost]);
        }
    return new Map(
      servers.map(({ measured, costs }) => [
        measured.name,
        Object.fromEntries([...costs].map(([call, values]) => [call, costOf(values)])),
      ]),
    );
  } finally {
    for (const server of servers) server.close();
  }
}
