/** A browser's cookies and forms, without a browser. */
import { type Message, send } from "../adapters/support/http-browser.js";

export interface Answered {
  readonly status: number | undefined;
  readonly location: string | null;
  /** `Cache-Control`. */
  readonly caching: string | null;
  readonly text: string;
}

/** What it asks for is marked as a person's navigation. It keeps the cookies, follows no redirect, and finds the tokens that a page holds. */
export function createVisitor(url: string) {
  const jar = new Map<string, string>();
  async function ask(method: string, path: string, message: Message): Promise<Answered> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const marks = { origin: url, accept: "text/html", "sec-fetch-mode": "navigate" };
    const { pathname, search } = new URL(path, url);
    const headers = { host: new URL(url).host, cookie, ...marks, ...message.headers };
    const answer = await send(url, method, pathname + search, { ...message, headers });
    for (const line of answer.headers["set-cookie"] ?? []) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "") jar.delete(name);
      else jar.set(name, value);
    }
    return {
      status: answer.status,
      location: answer.headers.location ?? null,
      caching: answer.headers["cache-control"] ?? null,
      text: answer.text,
    };
  }
  return {
    jar,
    get: (path: string, headers: Record<string, string> = {}) => ask("GET", path, { headers }),
    tokenOn: async (path: string, field = "_csrf") =>
      RegExp(` name="${field}" value="([^"]+)"`).exec((await ask("GET", path, {})).text)?.[1] ?? "",
    post: (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
      ask("POST", path, {
        headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
        body: String(new URLSearchParams(fields)),
      }),
  };
}
