/** The README's table of the engines that the tests run in. */
import { readFileSync } from "node:fs";

export interface StatedEngine {
  readonly name: string;
  readonly version: string;
}

/** @throws Error where the README has no such table */
export function statedEngines(): readonly StatedEngine[] {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const section = readme.split("\n## Browsers\n")[1]?.split("\n## ")[0] ?? "";
  const rows = [...section.matchAll(/^\| ([^|]+?) (\d[\d.]*) \|/gm)];
  if (rows.length === 0) throw new Error('README.md has no table below "## Browsers".');
  return rows.map(([, name = "", version = ""]) => ({ name, version }));
}

/** Whether the README states no newer version of this engine than `running`. */
export function isStatedTruly(name: string, running: string): boolean {
  const stated = statedEngines().find((engine) => engine.name === name);
  return stated !== undefined && running.localeCompare(stated.version, "en", { numeric: true }) >= 0;
}
