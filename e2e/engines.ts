/** The table of docs/browsers.md: the engines that the tests run in. */
import { readFileSync } from "node:fs";

export interface StatedEngine {
  readonly name: string;
  readonly version: string;
}

/** @throws Error where that page has no such table */
export function statedEngines(): readonly StatedEngine[] {
  const page = readFileSync(new URL("../docs/browsers.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| ([^|]+?) (\d[\d.]*) \|/gm)];
  if (rows.length === 0) throw new Error("docs/browsers.md has no table of engines.");
  return rows.map(([, name = "", version = ""]) => ({ name, version }));
}

/** Whether docs/browsers.md states no newer version of this engine than `running`. */
export function isStatedTruly(name: string, running: string): boolean {
  const stated = statedEngines().find((engine) => engine.name === name);
  return stated !== undefined && running.localeCompare(stated.version, "en", { numeric: true }) >= 0;
}
