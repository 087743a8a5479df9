/** The package's sources as the wall tests see them: files, the rooms they stand in, and what each of them imports. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { modulesIn } from "./parsed.js";

export interface Source {
  /** From the repository's folder, with slashes: `src/session/machine.ts`. */
  readonly path: string;
  readonly text: string;
}

/** A source that stands nowhere, to show a wall what it must catch. */
export const planted = (path: string, text: string): Source => ({ path, text });

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Every file of a folder whose name ends so; TypeScript where nothing is said. */
export function sourcesIn(folder: string, ending = /\.tsx?$/): readonly Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => ending.test(name) && !name.split(sep).includes("node_modules"))
    .map((name) => join(ROOT, folder, name))
    .map((path) => ({ path: relative(ROOT, path).split(sep).join("/"), text: readFileSync(path, "utf8") }));
}

/** The room of a file: the first folder below `src`, or its own name for the faces on top. */
export function roomOf(path: string): string {
  const [, first = "", ...rest] = path.split("/");
  return rest.length === 0 ? first.replace(/\.ts$/, "") : first;
}

/** Imports that are gone once the types are: the parser of JavaScript does not see them. */
const TYPE_IMPORT =
  /^\s*(?:import|export)\s+type\b[^"';]*?\bfrom\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;

/** What a file imports, types included, as it is written there. */
export function importsOf(source: Source): readonly string[] {
  const typed = [...withoutComments(source.text).matchAll(TYPE_IMPORT)].map(
    ([, from, called]) => from ?? called ?? "",
  );
  return [...new Set([...modulesIn(source), ...typed])];
}

/** The file that a relative import leads to. */
export function resolveImport(from: string, specifier: string): string {
  return posix.join(dirname(from), specifier).replace(/\.js$/, ".ts");
}

/** Without whole-line comments and JSDoc: what stands in front of code here. */
export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}
