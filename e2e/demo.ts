/** The demo as a process of its own, on a free port. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface Demo {
  readonly url: string;
  /** Everything it has printed. */
  output(): string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const READY = /Curfew demo ready on (http:\/\/\S+)/;

/**
 * Starts the demo as `npm run demo` does.
 * @throws Error with what it printed, where it ends before it is ready
 */
export async function startDemo(environment: Readonly<Record<string, string>> = {}): Promise<Demo> {
  const child = spawn(process.execPath, ["scripts/demo.mjs"], {
    cwd: ROOT,
    env: { ...cleanEnvironment(), PORT: "0", ...environment },
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
  return { url, output: () => printed, stop: (signal) => stop(child, signal) };
}

async function stop(child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}

/** Without the settings of whoever runs the tests. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("CURFEW_") && name !== "NODE_OPTIONS",
  );
  return Object.fromEntries(entries);
}
