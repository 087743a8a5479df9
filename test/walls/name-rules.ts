/** One word, one meaning, as functions of sources: who makes a name, and words that say nothing to a newcomer. */
import { namesIn } from "./parsed.js";
import { BELOW } from "./rules.js";
import { roomOf, type Source } from "./sources.js";

const MADE = /^export (?:declare )?(?:async )?(?:function\*?|const|let|class|interface|type) (\w+)/gm;

/** The same call in every framework. */
const SHARED = ["createSessionVerifier", "useSession"];

function meet(a: string, b: string): boolean {
  return a === b || BELOW[a]?.includes(b) === true || BELOW[b]?.includes(a) === true;
}

/** An exported name stands for one thing in rooms that know each other. */
export function sharedNames(sources: readonly Source[]): readonly string[] {
  const makers = new Map<string, string[]>();
  for (const { path, text } of sources)
    for (const [, name = ""] of text.matchAll(MADE)) makers.set(name, [...(makers.get(name) ?? []), path]);
  return [...makers].flatMap(([name, paths]) =>
    SHARED.includes(name)
      ? []
      : paths.flatMap((path, at) =>
          paths
            .slice(at + 1)
            .filter((other) => meet(roomOf(path), roomOf(other)))
            .map((other) => `${name} is made by ${path} and by ${other}`),
        ),
  );
}

/** Metaphors: who has not read the file cannot guess what they stand for. */
const METAPHORS = /^(?:desk|seat|sitDown|mirror|patience|patiently|bank|banked|dress|teller)$/i;

/** The metaphors among the names of files and of code. */
export function metaphors(sources: readonly Source[]): readonly string[] {
  return sources.flatMap((source) => {
    const file = /([\w-]+)\.tsx?$/.exec(source.path)?.[1] ?? "";
    const types = [...source.text.matchAll(MADE)].map(([, name = ""]) => name);
    const names = [...file.split("-"), ...namesIn(source), ...types];
    return [...new Set(names.filter((name) => METAPHORS.test(name)))].map(
      (name) => `${source.path} names ${name}`,
    );
  });
}
