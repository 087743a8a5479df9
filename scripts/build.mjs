// Builds dist/: the scripts, the rooms as ES modules and as CommonJS, the declarations and the words. Writes the manifest's `exports`
// where scripts/rooms.mjs says more than they do, and prints the integrity of the include.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { exportsOf, ROOMS } from "./rooms.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const run = (command, ...args) =>
  execFileSync(process.execPath, [`${root}/node_modules/${command}`, ...args], {
    cwd: root,
    stdio: "inherit",
  });

const text = readFileSync(`${root}/package.json`, "utf8");
const manifest = `${JSON.stringify({ ...JSON.parse(text), exports: exportsOf(ROOMS) }, null, 2)}\n`;
if (manifest !== text) writeFileSync(`${root}/package.json`, manifest);

rmSync(`${root}/dist`, { recursive: true, force: true });
run("rollup/dist/bin/rollup", "-c", "--silent");
run("typescript/bin/tsc", "-p", "tsconfig.build.json");

// The CommonJS has declarations of its own: TypeScript takes a module's kind from its folder.
writeFileSync(`${root}/dist/cjs/package.json`, '{ "type": "commonjs" }\n');
for (const file of readdirSync(`${root}/dist`, { recursive: true }).filter((name) =>
  name.endsWith(".d.ts"),
)) {
  // TypeScript before 5.7 knows no `Uint8Array` by its buffer.
  const declarations = readFileSync(`${root}/dist/${file}`, "utf8").replaceAll(
    "Uint8Array<ArrayBuffer>",
    "Uint8Array",
  );
  mkdirSync(dirname(`${root}/dist/cjs/${file}`), { recursive: true });
  for (const place of ["dist", "dist/cjs"]) writeFileSync(`${root}/${place}/${file}`, declarations);
}

// The same catalogues as JSON, for pages that load theirs from the verifier. English is the last: the demo looks at it.
const { LOCALES } = await import(pathToFileURL(`${root}/dist/locales/all.js`).href);
for (const locale of [...LOCALES].reverse())
  writeFileSync(`${root}/dist/locales/${locale.tag}.json`, `${JSON.stringify(locale)}\n`);

/** What their licences ask for: these are copied into dist/, whole or in part. */
const licences = ["broadcast-channel/LICENSE", "idb-keyval/LICENCE", "leven/license"].map(
  (file) => `${file.split("/")[0]}\n\n${readFileSync(`${root}/node_modules/${file}`, "utf8").trim()}\n`,
);
writeFileSync(`${root}/dist/third-party-licences.txt`, licences.join(`\n${"-".repeat(80)}\n\n`));

const include = readFileSync(`${root}/dist/script/curfew.js`);
const integrity = `sha384-${createHash("sha384").update(include).digest("base64")}`;
writeFileSync(`${root}/dist/script/integrity.txt`, `${integrity}\n`);
console.log(`dist/script/curfew.js  integrity="${integrity}"`);
