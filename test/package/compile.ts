/** Type-checks code of the documents as a reader's project would, in strict mode, against the installed package. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Outcome, ROOT, runNode } from "./project.js";

/** Files of a project, `[name, content]`. */
export type Files = readonly (readonly [string, string])[];

export interface CompileOptions {
  readonly files: Files;
  /** Whether the declarations of every package are checked too. */
  readonly skipLibCheck: boolean;
  /** Instead of those of this project, or beside them. */
  readonly compilerOptions?: Readonly<Record<string, unknown>>;
}

/** Makes `folder`, in a place whose `node_modules` hold what the files import. */
export function compileIn(
  folder: string,
  { files, skipLibCheck, compilerOptions: own }: CompileOptions,
): Promise<Outcome> {
  mkdirSync(folder);
  for (const [name, content] of files) writeFileSync(join(folder, name), content);
  const compilerOptions = {
    strict: true,
    skipLibCheck,
    noEmit: true,
    target: "es2022",
    module: "nodenext",
    lib: ["es2023", "dom", "dom.iterable"],
    types: ["node"],
    jsx: "react-jsx",
    ...own,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  return runNode([join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder, "--pretty", "false"], folder);
}
