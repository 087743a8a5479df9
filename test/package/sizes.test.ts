import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { ROOT } from "./project.js";
import { readme } from "./readme.js";

interface Size {
  readonly name: string;
  readonly label?: string;
  readonly min: number;
  readonly gzip: number;
}
interface SizeModule {
  measureSizes(): Promise<Size[]>;
  withSizes(readme: string, sizes: Size[]): string;
}
const { measureSizes, withSizes }: SizeModule = await import(pathToFileURL(`${ROOT}/scripts/size.mjs`).href);

/** The numbers in the README's row with this label. */
function statedFor(label: string): number[] {
  const row = readme.split("\n").find((line) => line.startsWith(`| ${label} |`)) ?? "";
  const cells = row.split("|").slice(2, 4);
  return cells.map((cell) => (/^ [\d,]+ B $/.test(cell) ? Number(cell.replace(/\D/g, "")) : Number.NaN));
}

const sizes = await measureSizes();
const stated = sizes.flatMap(({ label, ...size }) => (label === undefined ? [] : [{ label, ...size }]));

test.each(stated)("the README states the size of $label within 1 %", ({ label, min, gzip }) => {
  const [statedMin = Number.NaN, statedGzip = Number.NaN] = statedFor(label);
  const help = 'run "npm run build" and then "node scripts/size.mjs --write"';
  expect(Math.abs(statedMin - min) / min, help).toBeLessThan(0.01);
  expect(Math.abs(statedGzip - gzip) / gzip, help).toBeLessThan(0.01);
});

test("the README states two sizes", () => {
  expect(stated.map(({ name }) => name)).toEqual(["client", "include"]);
});

test("the framework wrappers stay under 1 kB", () => {
  for (const { name, min } of sizes.filter((size) => size.label === undefined))
    expect(min, name).toBeLessThan(1000);
});

test("writing the sizes refuses a README without their rows", () => {
  expect(() => withSizes("# Curfew", sizes)).toThrow("has no table row");
});
