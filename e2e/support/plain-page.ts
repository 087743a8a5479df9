/** A page of a test's own on the demo's origin, under the demo's own content policy, with a script of a test's own. */
import type { Page } from "@playwright/test";
import { build } from "esbuild";

const HEADERS = {
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy": "default-src 'self'; require-trusted-types-for 'script'",
};

/** Opens `html`; what the policy forbids is in the answer's list, as the browser says it. */
export async function openPlainPage(page: Page, url: string, html: string): Promise<readonly string[]> {
  const refused: string[] = [];
  page.on("console", (message) => {
    if (/content.security.policy|trusted/i.test(message.text())) refused.push(message.text());
  });
  page.on("pageerror", ({ message }) => refused.push(message));
  await page.route(`${url}/plain`, (route) => route.fulfill({ headers: HEADERS, body: html }));
  await page.goto(`${url}/plain`);
  return refused;
}

/** Serves this source, bundled, at `/plain.js`. It imports Curfew as an app does. */
export async function servePlainScript(page: Page, url: string, source: string): Promise<void> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: process.cwd() },
    bundle: true,
    format: "iife",
    target: "es2022",
    write: false,
  });
  const body = outputFiles[0]?.text ?? "";
  await page.route(`${url}/plain.js`, (route) =>
    route.fulfill({ contentType: "text/javascript; charset=utf-8", body }),
  );
}
