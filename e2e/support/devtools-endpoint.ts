/** Where a browser that was started with `--remote-debugging-port=0` listens: it says so on its standard error. */
import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";

/** Rejects with what the browser has said where it exits instead. */
export function devtoolsEndpoint(child: ChildProcess & { readonly stderr: Readable }): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const match = /listening on (ws:\S+)/.exec(output);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    child.once("exit", () => reject(new Error(output)));
  });
}
