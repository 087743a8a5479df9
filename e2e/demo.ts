/** The demo as a process of its own, on a free port. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface Demo {
  readonly url: string;
  stop(): Promise<void>;
}

export interface DemoProcess extends Demo {
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Stops it, by `kill -9` where nothing else is said, and starts it anew with the same settings on the same port. */
  restart(signal?: NodeJS.Signals): Promise<void>;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const READY = /Curfew demo ready on (http:\/\/\S+)/;

/**
 * Starts the demo as `npm run demo` does.
 * @throws Error with what it printed, where it ends before it is ready
 */
export async function startDemo(environment: Readonly<Record<string, string>> = {}): Promise<DemoProcess> {
  let { child, url } = await launch({ PORT: "0", ...environment });
  return {
    url,
    stop: (signal) => stop(child, signal),
    async restart(signal = "SIGKILL") {
      await stop(child, signal);
      ({ child } = await launch({ ...environment, PORT: new URL(url).port }));
    },
  };
}

async function launch(environment: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ["scripts/demo.mjs"], {
    cwd: ROOT,
    env: { ...cleanEnvironment(), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", () => {
      const ready = READY.exec(printed);
      if (ready?.[1] !== undefined) resolve(ready[1]);
    });
    child.once("exit", () => reject(new Error(`the demo did not start:\n${printed}`)));
  });
  return { child, url };
}

async function stop(child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}

/** Without the settings of whoever runs the tests. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("CURFEW_") && name !== "NODE_OPTIONS",
  );
  return Object.fromEntries(entries);
}
