/** Packs Curfew once, as npm would publish it, and unpacks it into an empty project beside its dependencies. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestProject } from "vitest/node";
import { exportedPaths, manifest, ROOT, runNode, runProgram } from "./project.js";

declare module "vitest" {
  interface ProvidedContext {
    /** The file that npm would publish. */
    tarball: string;
    /** A project that has installed it. */
    consumer: string;
  }
}

/** What an app installs beside Curfew to use every one of its rooms with types. */
const APP_PACKAGES = [
  "@hono/node-server",
  "express",
  "react",
  "vue",
  "@types/express",
  "@types/node",
  "@types/react",
];

export async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "curfew-package-"));
  const tarball = await pack(folder);
  const consumer = join(folder, "app");
  await install(tarball, consumer);
  project.provide("tarball", tarball);
  project.provide("consumer", consumer);
  return () => rmSync(folder, { recursive: true, force: true });
}

async function pack(folder: string): Promise<string> {
  const missing = exportedPaths().find((path) => !existsSync(join(ROOT, path)));
  if (missing !== undefined) throw new Error(`${missing} does not exist; run "npm run build" first.`);
  await folders();
  const { code, stderr } = await runProgram("npm", [
    "pack",
    "--ignore-scripts",
    "--pack-destination",
    folder,
  ]);
  await folders("--remove");
  if (code !== 0) throw new Error(`npm pack failed:\n${stderr}`);
  return join(folder, `curfew-${manifest.version}.tgz`);
}

/** What `prepack` does beside the build, and `postpack` undoes. */
async function folders(...args: readonly string[]): Promise<void> {
  const { code, stderr } = await runNode(["scripts/folders.mjs", ...args]);
  if (code !== 0) throw new Error(`scripts/folders.mjs failed:\n${stderr}`);
}

/** Few projects have it: the doctor does without a browser there. */
const DRIVER = "playwright-core";

/** Only what the manifest declares is linked, so that an undeclared dependency cannot be found. */
async function install(tarball: string, consumer: string): Promise<void> {
  const modules = join(consumer, "node_modules");
  mkdirSync(modules, { recursive: true });
  writeFileSync(join(consumer, "package.json"), '{ "name": "app", "private": true, "type": "module" }\n');
  const { code, stderr } = await runProgram("tar", ["-xzf", tarball, "-C", modules]);
  if (code !== 0) throw new Error(`tar failed:\n${stderr}`);
  renameSync(join(modules, "package"), join(modules, "curfew"));
  const peers = Object.keys(manifest.peerDependencies).filter((name) => name !== DRIVER);
  const needed = [...Object.keys(manifest.dependencies), ...peers];
  for (const name of new Set([...needed, ...APP_PACKAGES])) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name), "junction");
  }
}
