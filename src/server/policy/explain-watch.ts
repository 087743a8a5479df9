/** What a policy says of the watch, in plain text: where it says anything. */
import { writeDuration } from "./durations.js";
import type { Policy } from "./policy.types.js";
import { DEFAULT_WATCH, DURATION_THRESHOLDS, isDefaultWatch, WATCH_RULES } from "./watch-thresholds.js";

/** Of the thresholds only those that are others than the rules come with. */
export function watchLines({ watch }: Pick<Policy, "watch">): readonly string[] {
  if (isDefaultWatch(watch)) return [];
  return [
    ...(watch.warnEarly ?? []).map(
      (rule) =>
        `Where ${rule} speaks, the session's ordinary warning opens early, until a person answers it by its button; the deadline stays.`,
    ),
    `A rule says nothing more for ${writeDuration(watch.quiet)} of what it has alerted of.`,
    ...WATCH_RULES.flatMap((name) => {
      const usual: Readonly<Record<string, number>> = { ...DEFAULT_WATCH.rules[name] };
      const others = Object.entries(watch.rules[name]).filter(([key, value]) => value !== usual[key]);
      const told = others.map(
        ([key, value]) => `${key} ${textOf(key, value)} (usually ${textOf(key, usual[key] ?? 0)})`,
      );
      return told.length === 0 ? [] : [`${name}: ${told.join(", ")}`];
    }),
  ];
}

function textOf(key: string, value: number): string {
  return DURATION_THRESHOLDS.includes(key) ? writeDuration(value) : String(value);
}
