/** Where the walk happens: the server as a process that can be killed, a network that can be bad, and what is seen of both. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Fault, type Network, openNetwork } from "../support/network.js";
import type { AuditRecord } from "./judge.js";

export interface Policy {
  readonly idle: number;
  readonly absolute: number;
  readonly warning: number;
  readonly heartbeat: number;
}

export interface World {
  /** What the browser opens. */
  readonly url: string;
  readonly network: Network;
  readonly outages: { from: number; until: number }[];
  records(): readonly AuditRecord[];
  /** Past the bad network. */
  revoke(subject: string): Promise<void>;
  /** Calls of Curfew's meet this fault for so long. */
  disturb(fault: Fault, period: number): void;
  /** Kills the server, and starts it anew on the same files. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const SERVER = fileURLToPath(new URL("server.ts", import.meta.url));

export async function openWorld(policy: Policy): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "curfew-walk-"));
  const audit = join(folder, "audit.jsonl");
  const outages: World["outages"] = [];
  let { child, url } = await start(0);
  const network = await openNetwork(url);
  let calm: NodeJS.Timeout | undefined;
  let goOn = () => {};

  async function start(port: number) {
    const times = [policy.idle, policy.absolute, policy.warning, policy.heartbeat].map((time) => `${time}ms`);
    const args = ["--import", "tsx", SERVER, String(port), join(folder, "walk.db"), audit, ...times];
    const started = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    return { child: started, url: await addressOf(started) };
  }
  return {
    url: network.url,
    network,
    outages,
    records: () => (existsSync(audit) ? readFileSync(audit, "utf8").split("\n").flatMap(recordIn) : []),
    async revoke(subject) {
      await (await fetch(`${url}/revoke?of=${subject}`)).text();
    },
    disturb(fault, period) {
      goOn();
      const outage = { from: Date.now(), until: Number.POSITIVE_INFINITY };
      outages.push(outage);
      network.fault = ({ path }) => (path.startsWith("/curfew/") ? fault : null);
      goOn = () => {
        clearTimeout(calm);
        network.fault = () => null;
        outage.until = Math.min(outage.until, Date.now());
        goOn = () => {};
      };
      calm = setTimeout(() => goOn(), period);
    },
    async restart() {
      const outage = { from: Date.now(), until: Number.POSITIVE_INFINITY };
      outages.push(outage);
      await kill(child);
      ({ child } = await start(Number(new URL(url).port)));
      outage.until = Date.now();
    },
    async close() {
      goOn();
      await network.close();
      await kill(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
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
