/** A project's folder: what it is made with, and files that are written where none is. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ConfigurationError, codeOf } from "../../server/platform/errors.js";
import type { Language } from "./language.js";

export interface Project {
  readonly language: Language;
  /** The names of the packages that it depends on. */
  readonly packages: readonly string[];
  /** Whether it has a `package.json`. */
  readonly isNode: boolean;
  has(path: string): boolean;
  /** Writes a file and its folders; false where there is one, which is left as it is. */
  write(path: string, text: string): boolean;
}

export function openProject(folder: string): Project {
  const has = (path: string) => existsSync(join(folder, path));
  const manifest = has("package.json") ? readManifest(join(folder, "package.json")) : null;
  const packages = ["dependencies", "devDependencies"].flatMap((kind) =>
    Object.keys(Object(manifest?.[kind])),
  );
  return {
    packages,
    isNode: manifest !== null,
    language: has("tsconfig.json") ? "typescript" : manifest?.type === "module" ? "module" : "commonjs",
    has,
    write(path, text) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      return writeNew(file, text);
    },
  };
}

/** @throws ConfigurationError where it is no JSON */
function readManifest(file: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(readFileSync(file, "utf8"))) as Readonly<Record<string, unknown>>;
  } catch {
    throw new ConfigurationError("package.json cannot be read; it must be JSON");
  }
}

function writeNew(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: "wx" });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}
