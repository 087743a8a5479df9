/** gunicorn, which makes one variable of a header's name with hyphens and of the same name with underscores. */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { freePort } from "../../free-port.js";
import { type Program, ROOT, startProgram } from "./program.js";

export interface WsgiApp {
  readonly port: number;
  readonly program: Program;
}

export async function startWsgiApp(): Promise<WsgiApp> {
  const port = await freePort();
  const program = startProgram(
    "gunicorn",
    [
      ...["--bind", `127.0.0.1:${port}`, "--chdir", join(ROOT, "test/cli/support")],
      ...lettingUnderscores(),
      "wsgi_echo:app",
    ],
    { PYTHONDONTWRITEBYTECODE: "1" },
  );
  await program.line(/Booting worker/);
  return { port, program };
}

/** Releases from 22 on drop names with underscores, unless they are told not to. */
function lettingUnderscores(): readonly string[] {
  const { stdout } = spawnSync("gunicorn", ["--version"], { encoding: "utf8" });
  const [, major] = /version (\d+)/.exec(stdout) ?? [];
  return Number(major) >= 22 ? ["--header-map", "dangerous"] : [];
}
