/** Installs the examples of one kind as a reader does, from the packed tarball, all of them by one `npm install`. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { runProgram } from "../package/project.js";
import { copyExample } from "./copy.js";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder that the installed examples stand in, each under its own name. */
    examples: string;
  }
}

const NAMES = [
  "ws",
  "express-session",
  "passport",
  "htmx-turbo",
  "better-auth",
  "bearer-api",
  "oidc",
  "oidc-group",
  "oidc-sidecar",
  "testing-vitest",
  "testing-supertest",
  "testing-rtl",
] as const;

export async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "curfew-examples-"));
  const { tarball } = project.getProvidedContext();
  const workspaces = { name: "examples", private: true, workspaces: NAMES };
  writeFileSync(join(folder, "package.json"), JSON.stringify(workspaces));
  for (const name of NAMES) copyExample(name, join(folder, name), tarball);
  const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
  const { code, stdout, stderr } = await runProgram("npm", ["install", ...flags], folder);
  if (code !== 0) throw new Error(`npm install of the examples failed:\n${stdout}${stderr}`);
  project.provide("examples", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
