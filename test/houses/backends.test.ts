/** The backends that need a compiler or a runtime of their own; test/cli/backends.test.ts has the small ones. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { type Backend, describeBackend, RUBY } from "../cli/support/backends.js";
import { type Program, ROOT, startProgram } from "../cli/support/program.js";

const { status, stdout, stderr } = spawnSync(
  process.execPath,
  [join(ROOT, "scripts/install-backends.mjs"), "go", "ruby"],
  { encoding: "utf8" },
);
if (status !== 0) throw new Error(`${stdout}${stderr}`);

const built = mkdtempSync(join(tmpdir(), "curfew-go-"));
afterAll(() => rmSync(built, { recursive: true, force: true }));

/** Debian's packages stand below one GOPATH; the program is built there, and started by itself so that it can be stopped. */
function startGo(folder: string, env: Readonly<Record<string, string>>): Program {
  const program = join(built, "notes");
  const environment = { GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOCACHE: join(built, "cache") };
  const made = spawnSync("go", ["build", "-o", program, "main.go"], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, ...environment },
  });
  if (made.status !== 0) throw new Error(`go build failed:\n${made.stderr}`);
  return startProgram(program, [], env);
}

const GO: Backend = {
  name: "go",
  field: "csrf_token",
  refusal: 403,
  rotates: false,
  start: (folder, _port, env) => startGo(folder, env),
};

for (const backend of [GO, RUBY]) describeBackend(backend);
