/** Where the walk happens: the server as a process that can be killed, a network for each browser that can be bad, and what is seen of both. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Fault, type Network, openNetwork } from "../support/network.js";
import type { Outage } from "./judge.js";
import type { AuditRecord } from "./lives.js";

export interface Policy {
  readonly idle: number;
  readonly absolute: number;
  readonly warning: number;
  readonly heartbeat: number;
}

/** The way of one browser to the server. */
export interface Way {
  readonly browser: string;
  /** What the browser opens. */
  readonly url: string;
  readonly network: Network;
  /** Calls of Curfew's meet this fault for so long. */
  disturb(fault: Fault, period: number): void;
  /** Breaks off the stream of news. */
  cut(): void;
}

export interface World {
  readonly ways: readonly Way[];
  readonly outages: readonly Outage[];
  /** What the server should never say, a sentence each. */
  readonly errors: () => readonly string[];
  records(): readonly AuditRecord[];
  /** Past the bad network. */
  revoke(subject: string): Promise<void>;
  /** Kills the server, and starts it anew on the same files. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
const SERVER = fileURLToPath(new URL("server.ts", import.meta.url));
const ENDLESS = Number.POSITIVE_INFINITY;

export async function openWorld(policy: Policy, browsers: readonly string[]): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "curfew-walk-"));
  const audit = join(folder, "audit.jsonl");
  const outages: Mutable<Outage>[] = [];
  const crashes: string[] = [];
  let { child, url } = await start(0);
  const ways = await Promise.all(browsers.map((browser) => openWay(browser, url, outages)));

  async function start(port: number) {
    const times = [policy.idle, policy.absolute, policy.warning, policy.heartbeat].map((time) => `${time}ms`);
    const args = ["--import", "tsx", SERVER, String(port), join(folder, "walk.db"), audit, ...times];
    const started = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    started.once("exit", (code) => code !== null && crashes.push(`the server ended by itself, with ${code}`));
    return { child: started, url: await addressOf(started) };
  }
  return {
    ways,
    outages,
    errors: () => [...crashes, ...ways.flatMap(brokenAnswers)],
    records: () => (existsSync(audit) ? readFileSync(audit, "utf8").split("\n").flatMap(recordIn) : []),
    async revoke(subject) {
      await (await fetch(`${url}/revoke?of=${subject}`)).text();
    },
    async restart() {
      const outage: Mutable<Outage> = { from: Date.now(), until: ENDLESS };
      outages.push(outage);
      await kill(child);
      ({ child } = await start(Number(new URL(url).port)));
      outage.until = Date.now();
    },
    async close() {
      for (const { network } of ways) await network.close();
      await kill(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openWay(browser: string, target: string, outages: Mutable<Outage>[]): Promise<Way> {
  const network = await openNetwork(target);
  let calm: NodeJS.Timeout | undefined;
  let goOn = () => {};
  return {
    browser,
    url: network.url,
    network,
    disturb(fault, period) {
      goOn();
      const outage: Mutable<Outage> = { from: Date.now(), until: ENDLESS, browser };
      outages.push(outage);
      network.fault = ({ path }) => (path.startsWith("/curfew/") ? fault : null);
      goOn = () => {
        clearTimeout(calm);
        network.fault = () => null;
        outage.until = Math.min(outage.until, Date.now());
        goOn = () => {};
      };
      calm = setTimeout(() => goOn(), period);
      calm.unref();
    },
    cut() {
      network.cut("/curfew/events");
      outages.push({ from: Date.now(), until: Date.now(), browser });
    },
  };
}

/** With a store that stands and a policy that is right, the server has an answer to everything. */
function brokenAnswers({ network, browser }: Way): readonly string[] {
  return network.passages
    .filter(({ answered }) => answered >= 500)
    .map(
      ({ method, path, answered }) => `the server answered ${answered} to ${method} ${path} of ${browser}`,
    );
}

async function addressOf(child: ChildProcess): Promise<string> {
  let printed = "";
  return new Promise((resolve, reject) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      const [, found] = /walk ready on (\S+)/.exec(printed) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", () => reject(new Error(`the walk's server did not start: ${printed}`)));
  });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** A line that is being written is whole the next time. */
function recordIn(line: string): readonly AuditRecord[] {
  try {
    return [JSON.parse(line) as AuditRecord];
  } catch {
    return [];
  }
}
