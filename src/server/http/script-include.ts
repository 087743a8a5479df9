/** Serves the script include and its words, which the package carries as modules. */
import { LOCALES } from "../../locales/all.js";
import { sha256 } from "../platform/secrets.js";
import type { HttpAnswer, HttpHeader, HttpRequest } from "./exchange.js";
import { type ScriptName, scriptText } from "./script-texts.js";

const SHORT: HttpHeader = ["Cache-Control", "public, max-age=300"];
const IMMUTABLE: HttpHeader = ["Cache-Control", "public, max-age=31536000, immutable"];
const WORDS = /^\/locales\/([A-Za-z0-9-]{2,35})\.json$/;
const HASHED = /^\/curfew-([A-Za-z0-9_-]{16})\.js$/;
/** The scripts, by the path that they are served under. */
const SCRIPTS: ReadonlyMap<string, ScriptName> = new Map([
  ["/curfew.js", "curfew"],
  ["/curfew-frame.js", "curfew-frame"],
  ["/curfew-drafts.js", "curfew-drafts"],
]);

interface StaticFile {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly hash: string;
}

export interface ScriptInclude {
  /** The answer for a path below the base, or null where nothing is served under it. */
  serve(request: HttpRequest, path: string): HttpAnswer | null;
}

/** Each is made once, when it is first asked for. */
export function scriptInclude(): ScriptInclude {
  const files = new Map<string, StaticFile>();
  const once = (name: string, text: () => string): StaticFile => {
    const file = files.get(name) ?? fileOf(text());
    files.set(name, file);
    return file;
  };
  const script = (name: ScriptName) => once(name, () => scriptText(name));
  return {
    serve(request, path) {
      const hash = HASHED.exec(path)?.[1];
      const name = SCRIPTS.get(hash === undefined ? path : "/curfew.js");
      if (name !== undefined) {
        const file = script(name);
        if (hash !== undefined && hash !== file.hash) return null;
        const caching = hash === undefined ? SHORT : IMMUTABLE;
        return answer(request, file, "text/javascript; charset=utf-8", caching);
      }
      const tag = WORDS.exec(path)?.[1];
      const locale = LOCALES.find((one) => one.tag === tag);
      if (locale === undefined) return null;
      const words = once(locale.tag, () => `${JSON.stringify(locale)}\n`);
      return answer(request, words, "application/json", SHORT);
    },
  };
}

function fileOf(text: string): StaticFile {
  const content = new TextEncoder().encode(text);
  return { content, hash: sha256(content).slice(0, 16) };
}

function answer(request: HttpRequest, file: StaticFile, type: string, caching: HttpHeader): HttpAnswer {
  const etag = `"${file.hash}"`;
  const headers: readonly HttpHeader[] = [["ETag", etag], caching, ["X-Content-Type-Options", "nosniff"]];
  const known = (request.header("if-none-match") ?? "")
    .split(",")
    .some((tag) => tag.trim().replace(/^W\//, "") === etag);
  if (known) return { status: 304, headers, body: null };
  return {
    status: 200,
    headers: [["Content-Type", type], ...headers, ["Content-Length", String(file.content.length)]],
    body: request.method === "HEAD" ? null : file.content,
  };
}
