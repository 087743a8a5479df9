/** What holds for single files, as functions of their texts: each says what is wrong, in sentences, or nothing. */
import { type Source, withoutComments } from "./sources.js";

const MOST_LINES = 250;
/** A program names what runs it first. */
const FIRST_COMMENT = /^(?:#!.*\n)?(?:\/\*\*([\s\S]*?)\*\/|\/\/([^\n]*))/;
const SENTENCE = /^\S+\s[\s\S]*[.…](?:\s|$)/;
const DEFAULT_EXPORT = /\bexport default\b|\bexport\s*=|\bas default\b/;
/** Such a member may be an element that somebody's markup has named: src/dom/unshadowed.ts. */
const SHADOWABLE = /\bdocument\??\.[A-Za-z]/;
const ANY = /(?:[:<|&,=(>[]|\b(?:as|readonly|extends|keyof|is)) *any\b/;

/**
 * Not in every browser of docs/browsers.md, and not what the build lowers: one such name, and such a browser has no client at
 * all. A selector that it does not know throws, or takes its rule along.
 */
const NEW_NAMES =
  /\b(?:Object\.hasOwn|URL\.canParse|structuredClone|withResolvers|groupBy)\b|\.(?:findLast|findLastIndex|toSorted|toReversed|toSpliced|isWellFormed)\(|:has\(|(?<!togglePopover === undefined \|\| [^\n]*):popover-open/;
const PAGE_ROOMS = /^src\/(?!server\/|cli\/|testing\/)/;

/** The rules of a file in `src`. */
export function houseMistakes({ path, text }: Source): readonly string[] {
  const code = withoutComments(text);
  return [
    text.split("\n").length > MOST_LINES + 1 && `${path} has more than ${MOST_LINES} lines`,
    !SENTENCE.test(firstCommentOf(text)) && `${path} does not begin by saying what it is for`,
    DEFAULT_EXPORT.test(code) && `${path} has a default export`,
    ANY.test(code) && `${path} says any`,
    PAGE_ROOMS.test(path) &&
      NEW_NAMES.test(code) &&
      `${path} uses what the lowest versions of browsers do not have`,
    SHADOWABLE.test(code) && `${path} reads a member of a document that markup can shadow`,
  ].filter((mistake) => mistake !== false);
}

function firstCommentOf(text: string): string {
  const [, block, line] = FIRST_COMMENT.exec(text) ?? [];
  return (block ?? line ?? "").replace(/^\s*\*? ?/gm, "").trim();
}

/** With or without a condition: each of these marks would leave a test out in silence, or all the others. */
const MARKS = "only|skip|todo|fixme|fails|fail|skipIf|runIf";
const LEFT_OUT = new RegExp(
  [
    String.raw`\b(?:test|it|describe|suite|bench)(?:\.\w+)*\.(?:${MARKS})\b`,
    String.raw`\b(?:context|ctx|t|testInfo|info\(\))\.(?:skip|fixme|fail)\(`,
    String.raw`[{,]\s*(?:only|skip|todo|fails): *true\b`,
  ].join("|"),
);

/** The paths of the tests that carry a mark by which something would not run. */
export function leftOut(tests: readonly Source[]): readonly string[] {
  return tests.filter(({ text }) => LEFT_OUT.test(text)).map(({ path }) => path);
}

const OWN_FOLDER = /(?<![\w.:)}*/-])\/(?:home|root|Users|work|mnt|opt|workspace)\/[\w.]|\b[A-Z]:\\Users/;
const OTHER_REGISTRY = /\bregistry\.[\w-]+\.[a-z]{2,}\b|"resolved"\s*:/;

/** The paths of the files that name somebody's own folder, or a host that packages come from. */
export function machineNames(files: readonly Source[]): readonly string[] {
  return files
    .filter(({ text }) => OWN_FOLDER.test(text) || OTHER_REGISTRY.test(text))
    .map(({ path }) => path);
}

/** Generation up to the end of its call's statement. */
const GENERATES = /\bgenerateKeyPair(?:Sync)?\s*\(([^;]*)/g;
const EXPORTS = /\b(?:exportKey|wrapKey)\s*\(\s*["'`]jwk["'`]|\bexportJWK\s*\(/;
/** Scripts for the pages of a browser: another implementation of keys. */
const RUNS_IN_PAGES = /^e2e\//;

/**
 * Sentences about the files where Node exports a key that it has generated. Node can lock itself out there: the export
 * holds the key's lock and makes a string, the garbage collection that this starts frees the generation's job, and the
 * job waits for the same lock (seen in Node 20.20.2). A key that the generation encodes has nothing to export.
 */
export function exportedKeys(files: readonly Source[]): readonly string[] {
  return files.flatMap(({ path, text }) => {
    const code = withoutComments(text);
    const generated = [...code.matchAll(GENERATES)].filter(
      ([, rest = ""]) => !rest.includes("publicKeyEncoding"),
    );
    return [
      ...generated.map(() => `${path} generates a key without "publicKeyEncoding"`),
      ...(EXPORTS.test(code) && !RUNS_IN_PAGES.test(path)
        ? [`${path} exports a key as a JWK; take the point from its raw or SPKI form`]
        : []),
    ];
  });
}

const HURRIED: readonly (readonly [RegExp, string])[] = [
  [
    /\bwaitForTimeout\(/,
    "waits for a time; wait for a fact, or where nothing is to happen for wait(paced(…))",
  ],
  [/\btimeout:\s*\d/, "gives a wait an end of its own; leave it to the configuration, or write paced(…)"],
  [/\btest\.setTimeout\(\s*\d/, "gives a test an end of its own; write paced(…)"],
];

/** Sentences about the end-to-end tests that a slow machine could fail: their times do not follow its pace. */
export function hurriedTests(tests: readonly Source[]): readonly string[] {
  return tests.flatMap(({ path, text }) =>
    HURRIED.filter(([pattern]) => pattern.test(withoutComments(text))).map(([, what]) => `${path} ${what}`),
  );
}

const COMMENT = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
const CITED = /(?<![\w./@-])((?:[\w.-]+\/)*[\w-]+\.(?:tsx?|mjs|md))\b/g;

/** Sentences about comments that name a file which is not there: from the repository's folder, the file's own, or its side's. */
export function lostCitations(
  files: readonly Source[],
  isThere: (path: string) => boolean,
): readonly string[] {
  return files.flatMap(({ path, text }) => {
    const own = path.slice(0, path.lastIndexOf("/"));
    const side = /^src\/[\w-]+/.exec(path)?.[0] ?? "src";
    const cited = [...text.matchAll(COMMENT)].flatMap(([comment]) =>
      [...comment.matchAll(CITED)].map(([, name = ""]) => name),
    );
    return cited
      .filter((name) => !["", `${own}/`, `${side}/`, "src/"].some((place) => isThere(`${place}${name}`)))
      .map((name) => `${path} cites ${name}`);
  });
}
