/** Which route a request is for, however its path is spelled: normalised paths, and patterns to match them with. */

import picomatch from "picomatch";
import { messageOf } from "../platform/errors.js";

/** Longer paths are not read: matching them would take too long, and no page has one. */
const LONGEST_PATH = 1_024;
/** More dot segments are not read: each doubles the readings. No browser sends any, it goes up by itself. */
const MOST_DOTS = 3;
/** How often an encoding may be encoded again. */
const MOST_ROUNDS = 8;
const ESCAPE = /%[0-9a-f]{2}/;
const UNREADABLE = /[\p{Cc}\p{Zl}\p{Zp}]/u;
/** Stands for a dot or a slash that is taken as an ordinary letter. Only a wildcard matches it. */
const LETTER = "\u{FFFD}";

/**
 * The path as patterns see it: decoded until nothing changes, NFKC, lower case, `\` and `//` as `/`, without matrix
 * parameters (`;…`), dot segments, the slash at the end and the query. Null where it cannot be decoded, holds control
 * characters, or does not begin with `/`.
 */
export function normaliseRoute(path: string): string | null {
  return readingsOf(path)?.[0] ?? null;
}

/**
 * Every way in which a server may read the path, the normalised one first: servers differ in whether `%2f` and `\`
 * separate, which dot segments go up and whether an empty segment counts there, whether `%3f` or `;` begins the query,
 * whether a host follows `//`, and whether dots and spaces at a segment's end count (Windows leaves them out). A path has
 * more than one reading only where it has such a spelling. Null also where it has too many of them.
 */
export function readingsOf(path: string): readonly string[] | null {
  const [bare = ""] = path.split("?", 1);
  // No browser sends a fragment: some servers cut it off, and others read it as a part of the path.
  if (!bare.startsWith("/") || bare.includes("#") || bare.length > LONGEST_PATH) return null;
  const slashed = bare.replaceAll("\\", "/");
  const written = [...new Set([bare, slashed, withoutHost(slashed)])];
  const lists: string[][] = [];
  for (const text of written) {
    const segments = text.split("/").map(decoded);
    if (!segments.every((segment) => segment !== null)) return null;
    lists.push(segments);
  }
  const ways = lists
    .flatMap((segments) => [segments, cutAt(segments, /[?#]/), cutAt(segments, /;/)])
    .flatMap((read) => [
      waysOf(read, withoutParameters),
      waysOf(read, (segment) => withoutTail(withoutParameters(segment))),
    ]);
  if (!ways.every((read) => read !== null)) return null;
  return [...new Set(ways.flat())];
}

/** As `new URL(path, base)` reads it: what follows two slashes is a host. */
function withoutHost(path: string): string {
  return path.replace(/^\/{2,}[^/]*/, "") || "/";
}

/** Null where there are too many. */
function waysOf(segments: readonly string[], nameOf: (segment: string) => string): readonly string[] | null {
  const split = segments.flatMap((segment) => segment.split(/[/\\]/)).map(nameOf);
  const joined = segments.map(nameOf).map((name) => name.replace(/[/\\]/g, LETTER));
  const ways = [split, joined].map(resolved);
  return ways.every((names) => names !== null) ? ways.flat() : null;
}

/**
 * With each dot segment going up or being a name, in every combination, all up first: which of them do depends on how they
 * are written (`..`, `%2e%2e`, `%252e%252e`, `..;`, `.. `). Null where there are too many.
 */
function resolved(names: readonly string[]): readonly string[] | null {
  const dots = names.flatMap((name, at) => (isDots(name) ? [at] : []));
  if (dots.length > MOST_DOTS) return null;
  return [...Array(2 ** dots.length).keys()].flatMap((choice) => {
    const isName = (at: number) => ((choice >> dots.indexOf(at)) & 1) === 1;
    const chosen = names.map((name, at) =>
      isDots(name) && isName(at) ? name.replaceAll(".", LETTER) : name,
    );
    return [upward(chosen.filter((name) => name !== "")), upward(chosen)];
  });
}

const isDots = (name: string) => name === "." || name === "..";

/**
 * As a proxy reads it that decodes the path before it looks for the query, or a program for which a semicolon begins the
 * query (Fastify's `useSemicolonDelimiter`).
 */
function cutAt(segments: readonly string[], mark: RegExp): readonly string[] {
  const at = segments.findIndex((segment) => mark.test(segment));
  return at < 0 ? segments : segments.slice(0, at + 1);
}

function withoutTail(segment: string): string {
  const bare = segment.replace(/ +$/, "");
  return isDots(bare) ? bare : bare.replace(/[. ]+$/, "");
}

function decoded(segment: string): string | null {
  let text = segment;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const folded = text.normalize("NFKC").toLowerCase().normalize("NFKC");
    const next = round === 0 || ESCAPE.test(folded) ? unescaped(folded) : folded;
    if (next === null) return null;
    if (next === text) return UNREADABLE.test(text) ? null : text;
    text = next;
  }
  return null;
}

function unescaped(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** `?` and `#` end a segment too: a proxy that decodes before it passes on may make a query of them. */
function withoutParameters(segment: string): string {
  const [name = ""] = segment.split(/[;?#]/, 1);
  return name;
}

function upward(names: readonly string[]): string {
  const way: string[] = [];
  for (const name of names) {
    if (name === "..") way.pop();
    else if (name !== ".") way.push(name);
  }
  return `/${way.filter((name) => name !== "").join("/")}`;
}

/** What is wrong with a pattern, and what to write instead; null where it can be used. */
export function patternMistake(pattern: string): string | null {
  if (!pattern.startsWith("/")) return 'must begin with a slash, such as "/admin/**"';
  if (/[%;\\]|\/\/|\/\.{1,2}(\/|$)/.test(pattern) || UNREADABLE.test(pattern))
    return "must be the path as it reads after decoding: without %, ;, \\, // and dot segments";
  if (/[()]/.test(pattern)) return 'has parentheses; write a route for each, or "/{a,b}/**"';
  if (isSlow(pattern)) return "has more than two ** or more than two * between slashes; write a shorter one";
  try {
    routeMatcher([pattern]);
    return null;
  } catch (error) {
    return `is no pattern: ${messageOf(error)}`;
  }
}

/** With more stars, matching a path that somebody made for it could take seconds. */
function isSlow(pattern: string): boolean {
  const segments = pattern.split("/");
  const globstars = segments.filter((segment) => segment.includes("**"));
  return (
    globstars.length > 2 || segments.some((segment) => segment.replaceAll("**", "*").split("*").length > 3)
  );
}

/**
 * Whether a normalised path matches one of the patterns.
 * @throws Error for what is no pattern
 */
export function routeMatcher(patterns: readonly string[]): (path: string) => boolean {
  return picomatch(patterns.flatMap(spellings), {
    dot: true,
    nocase: true,
    windows: false,
    strictBrackets: true,
  });
}

// The library takes neither `/admin*/**` for `/admin-x` nor `/**/edit` for `/edit`.
function spellings(pattern: string): readonly string[] {
  const folded = pattern.normalize("NFKC").toLowerCase();
  const plain = folded.length > 1 ? folded.replace(/\/$/, "") : folded;
  const shorter = [
    plain.endsWith("/**") && plain !== "/**" && plain.slice(0, -3),
    plain.startsWith("/**/") && plain.slice(3),
  ];
  return [plain, ...shorter.filter((spelling) => spelling !== false)];
}
