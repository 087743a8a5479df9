/** Who imports what, as a function of sources: an export that nobody imports, and a function that only tests call, are told of. */
import { resolveImport, type Source } from "./sources.js";

const NAMED = /^(?:import|export)(?: type)? (?:\w+, )?\{([^}]*)\} from "(\.[^"]+)";/gm;
const WHOLE = /\bimport\("(\.[^"]+)"\)|^(?:import|export) \* (?:as \w+ )?from "(\.[^"]+)"/gm;
const EXPORTED =
  /^export (?:declare )?(async function\*?|function\*?|const|let|abstract class|class|interface|type) (\w+)/gm;

interface Export {
  readonly path: string;
  readonly name: string;
  readonly isFunction: boolean;
  /** Whether its own file uses it. */
  readonly isUsedInside: boolean;
}

function exportsOf({ path, text }: Source): readonly Export[] {
  return [...text.matchAll(EXPORTED)].map(([, kind = "", name = ""]) => ({
    path,
    name,
    isFunction: kind.includes("function"),
    isUsedInside: (text.match(new RegExp(`\\b${name}\\b`, "g")) ?? []).length > 1,
  }));
}

/** What a file imports of others, as `path#name`; `path#*` where it takes the whole. */
function importsIn({ path, text }: Source): readonly string[] {
  const named = [...text.matchAll(NAMED)].flatMap(([, names = "", from = ""]) =>
    names
      .split(",")
      .map(
        (name) =>
          name
            .trim()
            .replace(/^type /, "")
            .split(/\s+as\s+/)[0] ?? "",
      )
      .filter((name) => name !== "")
      .map((name) => `${resolveImport(path, from)}#${name}`),
  );
  const whole = [...text.matchAll(WHOLE)].map(
    ([, called, from]) => `${resolveImport(path, called ?? from ?? "")}#*`,
  );
  return [...named, ...whole];
}

/**
 * @param sources the product's
 * @param others tests, demos and the like
 * @param faces whose exports are for adopters
 */
export function exportMistakes(
  sources: readonly Source[],
  others: readonly Source[],
  faces: readonly string[],
): readonly string[] {
  // A double for adopters' tests is no caller of the product's.
  const isDouble = ({ path }: Source) => path.startsWith("src/testing/");
  const inside = new Set(sources.filter((source) => !isDouble(source)).flatMap(importsIn));
  const anywhere = new Set([...sources, ...others].flatMap(importsIn));
  const has = (known: ReadonlySet<string>, { path, name }: Export) =>
    known.has(`${path}#${name}`) || known.has(`${path}#*`);
  return sources
    .filter(({ path }) => !faces.includes(path))
    .flatMap((source) =>
      exportsOf(source).flatMap((made) => {
        if (!has(anywhere, made)) return [`${made.path} exports ${made.name}, and nobody imports it`];
        if (isDouble(source) || !made.isFunction || made.isUsedInside || has(inside, made)) return [];
        return [`${made.path} makes ${made.name}, and only tests or doubles call it`];
      }),
    );
}
