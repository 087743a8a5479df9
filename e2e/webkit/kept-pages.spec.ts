/** The back button after a sign-out, in an engine that keeps pages although they say `no-store` and a cookie has changed. */
import { openKeptApp } from "../support/kept-app.js";
import type { WebKit } from "./driver.js";
import { expect, test } from "./fixtures.js";

const title = (webkit: WebKit) => webkit.run("return document.title");
const kept = (webkit: WebKit) => webkit.run("return document.documentElement.dataset.kept");

async function leaveNotes(webkit: WebKit): Promise<void> {
  await webkit.click(await webkit.find("a"));
  await expect.poll(() => title(webkit)).toBe("Other");
}

for (const [clearCache, name, then] of [
  [true, "a sign-out takes the page that the browser has kept", "/login"],
  [false, "a sign-out leaves the page that the browser has kept, where clearCache is false", "/"],
] as const)
  test(name, async ({ webkit }) => {
    const { url, close } = await openKeptApp(clearCache);
    try {
      await webkit.goto(`${url}/sign-in`);
      await leaveNotes(webkit);
      await webkit.run("history.back()");
      await expect.poll(() => kept(webkit)).toBe("true");
      await leaveNotes(webkit);
      expect(await webkit.run("return signOut()")).toBe(clearCache ? '"cache"' : null);
      await webkit.run("history.back()");
      await expect.poll(() => webkit.url()).toBe(`${url}${then}`);
      expect(await title(webkit)).toBe(then === "/" ? "Notes" : "Other");
    } finally {
      close();
    }
  });
