/** `identify: { cookie }`: the id of the app's own session, where no other parser of cookies could find another one. */
import type { IncomingHttpHeaders } from "node:http";
import { onlyCookie } from "../../server/http/cookies.js";
import { Refusal } from "../../server/platform/errors.js";
import type { Identity } from "../../server/subject/own-id.js";

/**
 * Reads the cookie under exactly this name. The app reads the same header with a parser of its own, so a second cookie
 * that some parser takes for the same is refused.
 * @returns a function that throws Refusal `bad-request` (`duplicate-cookie`)
 */
export function identifyByCookie(
  name: string,
): (request: { readonly headers: IncomingHttpHeaders }) => Identity | null {
  return ({ headers }) => {
    const header = headers.cookie ?? "";
    const id = onlyCookie(header, name);
    if (id === "") return null;
    if (!isReadAlike(header, name))
      throw new Refusal(
        "bad-request",
        `The request carries the cookie ${name}, and another one that programs may take for it.`,
        { code: "duplicate-cookie" },
      );
    return { id };
  };
}

/** White space, controls and quotes: parsers trim them, end a pair at them, or leave them in the name. */
const IGNORED = String.raw`\s\p{C}"'\\`;
const isIgnored = new RegExp(`[${IGNORED}]`, "u");
const isIgnoredFirst = new RegExp(`[${IGNORED}=$.]`, "u");
/** A word before an equals sign, at which a parser may begin a pair: some end one at a comma or at white space. */
const WORDS = new RegExp(`(?:^|[;,${IGNORED}])=*([^;,=${IGNORED}]+)[${IGNORED}]*=`, "gu");
const OPEN_QUOTE = /^[^=]*=\s*"(?!(?:[^"\\]|\\.)*")/;
const PLAIN = /^[\x20-\x7e]*$/;
const MOST_ROUNDS = 4;

/** Whether every parser reads the one cookie of this name, as far as their differences are known. */
function isReadAlike(header: string, name: string): boolean {
  const pairs = header.split(";");
  const at = pairs.findIndex((pair) => pair.trimStart().startsWith(`${name}=`));
  const others = pairs.filter((_pair, index) => index !== at);
  const wanted = folded(name);
  const names = [...others.flatMap(namesOf), ...readingsOf(others.join(";")).flatMap(wordsOf)];
  const isTaken = [...new Set(names)].flatMap(folded).some((one) => wanted.includes(one));
  // Java and Python let a quoted value go on over semicolons.
  return !isTaken && !pairs.slice(0, at).some((pair) => OPEN_QUOTE.test(pair));
}

/** Up to the equals sign, and the first word alone. */
function namesOf(pair: string): readonly string[] {
  const [name = ""] = pair.replace(/^[\s=]+/, "").split("=", 1);
  const [word = ""] = trimmed(name).split(isIgnored, 1);
  return [name, word];
}

function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(WORDS)].map(([, word = ""]) => word);
}

/**
 * A name as parsers compare it: ASP.NET ignores case; PHP and Ruby's Rack have decoded `%4a`; PHP makes `_` of a dot, a
 * space and a bracket, and an array of `name[x]`; Django and JavaScript trim what is white space in Unicode.
 */
function folded(name: string): readonly string[] {
  return readingsOf(unescaped(name)).flatMap((text) => {
    const [bare = ""] = text.split("\0", 1);
    const inner = trimmed(bare);
    const [head = ""] = inner.split(/[[=]/, 1);
    return [bare, inner, trimmed(head)].map((one) => one.replace(/[.\s+[]/gu, "_"));
  });
}

/** Not by an expression: one that looks for the end would take the square of a long run of spaces. */
function trimmed(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && isIgnoredFirst.test(text.charAt(from))) from += 1;
  while (from < to && isIgnored.test(text.charAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

/** The bytes of the header, as Latin-1 and as UTF-8. */
function readingsOf(text: string): readonly string[] {
  if (PLAIN.test(text)) return [text.toLowerCase()];
  const decoded = Buffer.from(text, "latin1").toString("utf8");
  return [...new Set([text, decoded].map((one) => one.normalize("NFKC").toLowerCase()))];
}

function unescaped(text: string): string {
  let result = text;
  for (let round = 0; round < MOST_ROUNDS && result.includes("%"); round++)
    result = result.replace(/%([0-9a-f]{2})/gi, (_escape, hex: string) =>
      String.fromCharCode(parseInt(hex, 16)),
    );
  return result;
}
