/** One browser of the doctor's: it reaches the origin that is examined and what is listed besides, and remembers what it saw. */
import type { Browser, BrowserContext, Page, Response } from "playwright-core";

interface TabOptions {
  readonly url: URL;
  /** Origins that it may load from besides, such as an identity provider's. */
  readonly also: readonly string[];
  readonly timeout: number;
}

export interface Tab {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly responses: readonly Response[];
  /** What the client says in the console. */
  readonly sayings: readonly string[];
  /** What a content security policy forbade, in the browser's words. */
  readonly violations: readonly string[];
  /** Origins that were asked for and not reached. */
  readonly kept: ReadonlySet<string>;
  /** The first answer that fits, past (from the one numbered `from` on) or to come; null where none comes in time. */
  response(fits: (response: Response) => boolean, from?: number): Promise<Response | null>;
}

export async function openTab(browser: Browser, { url, also, timeout }: TabOptions): Promise<Tab> {
  const context = await browser.newContext();
  context.setDefaultTimeout(timeout);
  const kept = new Set<string>();
  const reached = new Set([url.origin, ...also]);
  await context.route(
    (asked) => /^https?:$/.test(asked.protocol) && !reached.has(asked.origin),
    (route) => {
      kept.add(new URL(route.request().url()).origin);
      return route.abort();
    },
  );
  const page = await context.newPage();
  const [responses, sayings, violations]: [Response[], string[], string[]] = [[], [], []];
  page.on("response", (response) => void responses.push(response));
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() !== "error") return;
    if (text.startsWith("curfew: ")) sayings.push(text.slice("curfew: ".length));
    else if (text.includes("Content Security Policy")) violations.push(text);
  });
  return {
    context,
    page,
    responses,
    sayings,
    violations,
    kept,
    response: async (fits, from = 0) =>
      responses.slice(from).find(fits) ??
      page.waitForEvent("response", { predicate: fits, timeout }).catch(() => null),
  };
}
