/** docs/alerts.md says of each rule what the code says. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readDuration } from "../../src/server/policy/durations.js";
import { DEFAULT_WATCH, DURATION_THRESHOLDS, WATCH_RULES } from "../../src/server/policy/watch-thresholds.js";
import { RULES } from "../../src/server/watch/rules.js";

const page = readFileSync(new URL("../../docs/alerts.md", import.meta.url), "utf8");
const sectionOf = (name: string) =>
  new RegExp(`\\n## ${name}\\n([\\s\\S]*?)(?=\\n## |$)`).exec(page)?.[1] ?? "";

test.each(WATCH_RULES)("%s has its row, with its severity and what it is one of", (name) => {
  const { severity, scope } = RULES[name];
  expect(page).toContain(`| [\`${name}\`](#${name}) | ${severity} | ${scope} |`);
});

test.each(WATCH_RULES)("%s has its section: what, why, what to do, and what it says nothing of", (name) => {
  for (const part of ["What", "Why", "At three in the morning", "Not on"])
    expect(sectionOf(name)).toContain(`**${part}.**`);
});

test.each(WATCH_RULES)("%s has its thresholds as they come", (name) => {
  const [, table = ""] = sectionOf(name).split("| threshold | default |");
  const told = [...table.matchAll(/^\| `(\w+)` \| `([^`]+)` \|/gm)].map(([, key = "", value = ""]) => [
    key,
    DURATION_THRESHOLDS.includes(key) ? readDuration(value) : Number(value),
  ]);
  expect(Object.fromEntries(told)).toEqual(DEFAULT_WATCH.rules[name]);
});

test("the quiet period is as the page says", () => {
  expect(page).toContain("`watch.quiet`, `1h`");
  expect(DEFAULT_WATCH.quiet).toBe(readDuration("1h"));
});
