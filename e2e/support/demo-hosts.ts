/** Demos of one process, which costs a test a hundredth of what a process of its own does. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { cleanEnvironment, type Demo } from "../demo.js";
import type { Answer, Request } from "./demo-host.js";

export interface DemoHost {
  open(environment: Readonly<Record<string, string>>): Promise<Demo>;
  stop(): Promise<void>;
}

type Ask = Request extends infer Kind ? Omit<Kind, "id"> : never;

const PROGRAM = fileURLToPath(new URL("demo-host.ts", import.meta.url));

export function startDemoHost(): DemoHost {
  const child = fork(PROGRAM, {
    execArgv: ["--import", "tsx"],
    env: cleanEnvironment(),
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const waiting = new Map<number, (answer: Answer) => void>();
  let asked = 0;
  child.on("message", (answer: Answer) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  child.once("exit", (code) => {
    for (const [id, settle] of waiting) settle({ id, error: `the demos' process ended with code ${code}` });
  });

  async function ask(request: Ask): Promise<string> {
    const id = ++asked;
    const answer = await new Promise<Answer>((resolve) => {
      waiting.set(id, resolve);
      child.send({ id, ...request });
    });
    if ("error" in answer) throw new Error(answer.error);
    return answer.url;
  }

  return {
    async open(environment) {
      const url = await ask({ open: environment });
      return { url, stop: async () => void (await ask({ close: url })) };
    },
    async stop() {
      if (child.exitCode !== null) return;
      child.disconnect();
      await once(child, "exit");
    },
  };
}
