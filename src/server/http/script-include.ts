/** Serves the script include and its words from the package's own build. */
import { readFileSync } from "node:fs";
import { sha256 } from "../platform/secrets.js";
import type { HttpAnswer, HttpHeader, HttpRequest } from "./exchange.js";

/** The package's folder, from this file's place in `src/server/http` as in `dist/server/http`. */
const PACKAGE = new URL("../../../", import.meta.url);
const SHORT: HttpHeader = ["Cache-Control", "public, max-age=300"];
const IMMUTABLE: HttpHeader = ["Cache-Control", "public, max-age=31536000, immutable"];
const TAG = /^\/locales\/([A-Za-z0-9-]{2,35})\.json$/;
/** The scripts of the package, by the name they are served under. */
const SCRIPT = /^\/(curfew(?:-frame|-drafts)?)\.js$/;
const HASHED = /^\/curfew-([A-Za-z0-9_-]{16})\.js$/;

interface StaticFile {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly hash: string;
}

export interface ScriptInclude {
  /** The answer for a path below the base, or null where nothing is served under it. */
  serve(request: HttpRequest, path: string): HttpAnswer | null;
}

/** Files are read once, when they are first asked for. */
export function scriptInclude(): ScriptInclude {
  const files = new Map<string, StaticFile>();
  const read = (name: string): StaticFile | null => {
    const file = files.get(name) ?? load(name);
    if (file !== null) files.set(name, file);
    return file;
  };
  return {
    serve(request, path) {
      const hash = HASHED.exec(path)?.[1];
      const name = hash === undefined ? SCRIPT.exec(path)?.[1] : "curfew";
      if (name !== undefined) {
        const file = read(`dist/script/${name}.js`);
        if (file === null || (hash !== undefined && hash !== file.hash)) return null;
        return answer(
          request,
          file,
          "text/javascript; charset=utf-8",
          hash === undefined ? SHORT : IMMUTABLE,
        );
      }
      const tag = TAG.exec(path)?.[1];
      const words = tag === undefined ? null : read(`dist/locales/${tag}.json`);
      return words && answer(request, words, "application/json", SHORT);
    },
  };
}

function load(name: string): StaticFile | null {
  try {
    const content = new Uint8Array(readFileSync(new URL(name, PACKAGE)));
    return { content, hash: sha256(content).slice(0, 16) };
  } catch {
    return null;
  }
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
