/** A project of somebody else's, with the packed tarball in it as a reader installs it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, inject } from "vitest";
import { type Outcome, runNode, runProgram } from "../package/project.js";

export type Files = Readonly<Record<string, string>>;

export interface House {
  readonly folder: string;
  write(files: Files): void;
  /** Runs a program of Node to its end, by its path in the house. */
  run(...args: readonly string[]): Promise<Outcome>;
}

export interface HouseOptions {
  readonly packages?: readonly string[];
  readonly files?: Files;
  /** What the house's manifest says beside its name. */
  readonly manifest?: object;
  /** What installs, in the place of npm. */
  readonly install?: (folder: string) => Promise<Outcome>;
}

/** Makes a house, and takes it away after the file's last test. */
export async function makeHouse({
  packages = [],
  files = {},
  manifest = {},
  install,
}: HouseOptions): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), "curfew-house-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const house: House = {
    folder,
    write: (more) => {
      for (const [name, content] of Object.entries(more)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), content);
      }
    },
    run: (...args) => runNode(args, folder),
  };
  house.write({ "package.json": JSON.stringify({ name: "house", private: true, ...manifest }), ...files });
  const { code, stdout, stderr } = await (install?.(folder) ?? npmInstall(folder, packages));
  if (code !== 0) throw new Error(`the installation failed:\n${stdout}${stderr}`);
  return house;
}

function npmInstall(folder: string, packages: readonly string[]): Promise<Outcome> {
  const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  return runProgram("npm", ["install", ...flags, inject("tarball"), ...packages], folder);
}

/** @throws AssertionError with all that the program has said */
export function expectSuccess({ code, stdout, stderr }: Outcome): void {
  expect(code, stdout + stderr).toBe(0);
}

export interface Started {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts a server, and waits for the first address or port that it prints.
 * @throws Error with what it said, where it ends before
 */
export async function startServer(
  folder: string,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Started> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: "", VITEST: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit");
  let said = "";
  const port = await new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      const [, found] = /(?:localhost|127\.0\.0\.1|0\.0\.0\.0|port |\[::\]):?(\d{2,5})/.exec(said) ?? [];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    ended.then(() => reject(new Error(`the server ended:\n${said}`)), reject);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill();
      await ended;
    },
  };
}

/** What a page of Curfew's needs of a server, whatever became of the package on the way to it. */
export async function expectScriptsAndWords(url: string, read: (file: string) => string): Promise<void> {
  for (const name of ["curfew", "curfew-frame", "curfew-drafts"]) {
    const answer = await fetch(`${url}/curfew/${name}.js`);
    expect([name, answer.status, await answer.text()]).toEqual([name, 200, read(`dist/script/${name}.js`)]);
  }
  const words = await fetch(`${url}/curfew/locales/de.json`);
  expect([words.status, await words.text()]).toEqual([200, read("dist/locales/de.json")]);
  const status = await fetch(`${url}/curfew/session`);
  expect(await status.json()).toEqual({ v: 1, status: "none" });
}
