/** The sign-in that docs/sso.md shows, run as it stands there. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { transform } from "esbuild";
import type { Express } from "express";
import type { Configuration } from "openid-client";
import type { SessionVerifier } from "../../src/server/adapters/node.js";

type AddSignIn = (app: Express, sessions: SessionVerifier, provider: Configuration, origin: string) => void;

export async function signInOfTheGuide(): Promise<AddSignIn> {
  const page = readFileSync("docs/sso.md", "utf8");
  const code = /```ts\n([\s\S]*?export function addSignIn[\s\S]*?)\n```/.exec(page)?.[1] ?? "";
  const folder = "node_modules/.cache/curfew-sso";
  mkdirSync(folder, { recursive: true });
  const file = `${process.cwd()}/${folder}/recipe.mjs`;
  writeFileSync(file, (await transform(code, { loader: "ts", format: "esm" })).code);
  const { addSignIn }: { addSignIn: AddSignIn } = await import(/* @vite-ignore */ file);
  return addSignIn;
}
