// `npm run size`: what a page loads, minified and with gzip; `--write` puts the numbers into README.md.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

async function bundle(entry, external = []) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    platform: "browser",
    format: "esm",
    target: "es2022",
    external,
    write: false,
    legalComments: "none",
    logLevel: "error",
  });
  return outputFiles[0].contents;
}

/** `label` is the first cell of the README's row; rows without one are only printed. */
const PIECES = [
  {
    name: "client",
    label: "the client alone (`curfew`)",
    load: () => bundle("dist/index.js"),
  },
  {
    name: "include",
    label: "the script include with the warning",
    load: async () => readFileSync(`${root}/dist/script/curfew.js`),
  },
  { name: "react", load: () => bundle("dist/react/index.js", ["react"]) },
  { name: "vue", load: () => bundle("dist/vue/index.js", ["vue"]) },
];

/**
 * Measures what stands in dist/.
 * @returns for each piece its name, its README label (if it has one) and its bytes: minified, and that with gzip at level 9
 */
export async function measureSizes() {
  return Promise.all(
    PIECES.map(async ({ name, label, load }) => {
      const bytes = await load();
      return { name, label, min: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
    }),
  );
}

const inBytes = (count) => `${count.toLocaleString("en-GB")} B`;

/** The README with its table of sizes filled in. @throws Error when a row is missing */
export function withSizes(readme, sizes) {
  const lines = readme.split("\n");
  for (const { label, min, gzip } of sizes) {
    if (label === undefined) continue;
    const row = lines.findIndex((line) => line.startsWith(`| ${label} |`));
    if (row < 0) throw new Error(`README.md has no table row that starts with "| ${label} |".`);
    lines[row] = `| ${label} | ${inBytes(min)} | ${inBytes(gzip)} |`;
  }
  return lines.join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = await measureSizes();
  for (const { name, min, gzip } of sizes)
    console.log(`${name.padEnd(8)}  ${inBytes(min).padStart(10)}  ${inBytes(gzip).padStart(10)} gzip`);
  const file = `${root}/README.md`;
  if (process.argv.includes("--write")) writeFileSync(file, withSizes(readFileSync(file, "utf8"), sizes));
}
