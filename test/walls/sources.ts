/** The package's sources as the wall tests see them: imports (of types too), and code without comments, types and texts. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";

export interface Source {
  /** From the repository's folder, with slashes: `src/session/machine.ts`. */
  readonly path: string;
  readonly text: string;
}

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Every TypeScript file of a folder. */
export function sourcesIn(folder: string): readonly Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(ROOT, folder, name))
    .map((path) => ({ path: relative(ROOT, path).split(sep).join("/"), text: readFileSync(path, "utf8") }));
}

/** The room of a file: the first folder below `src`, or its own name for the faces on top. */
export function roomOf(path: string): string {
  const [, first = "", ...rest] = path.split("/");
  return rest.length === 0 ? first.replace(/\.ts$/, "") : first;
}

const IMPORT =
  /(?:^|[\s;])(?:import|export)\b[^"'`;]*?\bfrom\s*["']([^"']+)["']|(?:^|[\s;])import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/g;

/** What a file imports, types included, as it is written there. */
export function importsOf({ text }: Source): readonly string[] {
  return [...withoutComments(text).matchAll(IMPORT)].map(
    ([, from, bare, called]) => from ?? bare ?? called ?? "",
  );
}

/** The file that a relative import leads to. */
export function resolveImport(from: string, specifier: string): string {
  return posix.join(dirname(from), specifier).replace(/\.js$/, ".ts");
}

/** Whole-line comments and JSDoc: what stands in front of code here. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

const TEXTS = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\$]|\\.|\$(?!\{))*`/g;

/** The code that runs: no comments, no types, no texts (a template with values in it stays). */
export function codeOf({ text, path }: Source): string {
  const { code } = transformSync(text, { loader: path.endsWith("x") ? "tsx" : "ts", legalComments: "none" });
  return code.replace(TEXTS, '""');
}
