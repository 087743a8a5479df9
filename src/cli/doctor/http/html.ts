/** What a page's HTML says that the doctor asks for: the script include, and policies in metas. */
import type { Answer } from "./answer.js";
import { bodyText } from "./answer.js";

export interface Include {
  readonly src: string;
  readonly base: string | null;
  readonly nonce: string | null;
}

const COMMENT = /<!--[\s\S]*?-->/g;
const ATTRIBUTE = /([^\s"'=<>/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g;
const INCLUDE = /(?:^|\/)curfew(?:-[\w-]{16})?\.js(?:[?#]|$)/;

/** The script include in a page, else null. */
export function includeIn(page: Answer): Include | null {
  for (const { src = "", "data-base": base = null, nonce = null } of elementsIn(page, "script"))
    if (src !== null && INCLUDE.test(src)) return { src, base, nonce };
  return null;
}

/** The content security policies of a page, by header and by meta. */
export function policiesOf(page: Answer): readonly string[] {
  const metas = elementsIn(page, "meta").filter(
    (meta) => meta["http-equiv"]?.toLowerCase() === "content-security-policy",
  );
  const header = page.header("content-security-policy");
  return [...(header === null ? [] : header.split(",")), ...metas.map(({ content }) => content ?? "")];
}

type Attributes = Readonly<Record<string, string | null>>;

function elementsIn(page: Answer, name: string): readonly Attributes[] {
  const html = bodyText(page).replace(COMMENT, "");
  return [...html.matchAll(new RegExp(`<${name}(?=[\\s/>])((?:[^>"']|"[^"]*"|'[^']*')*)>`, "gi"))].map(
    ([, inside = ""]) => attributesIn(inside),
  );
}

function attributesIn(text: string): Attributes {
  return Object.fromEntries(
    [...text.matchAll(ATTRIBUTE)].map(([, name = "", a, b, c]) => [
      name.toLowerCase(),
      (a ?? b ?? c ?? "").replaceAll("&amp;", "&"),
    ]),
  );
}
