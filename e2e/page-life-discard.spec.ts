/** A tab that the browser discards to save memory: the others go on, and it comes back to the same session. */
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "@playwright/test";
import { dialog, expect, signIn } from "./fixtures.js";
import { test } from "./real-tabs.js";
import { beActive, serverView } from "./support/tabs-server.js";

/** Only an extension can have tabs discarded. */
const EXTENSION = join(tmpdir(), "curfew-e2e-discard");
mkdirSync(EXTENSION, { recursive: true });
writeFileSync(
  join(EXTENSION, "manifest.json"),
  JSON.stringify({
    manifest_version: 3,
    name: "Discards tabs",
    version: "1",
    permissions: ["tabs"],
    background: { service_worker: "worker.js" },
  }),
);
writeFileSync(
  join(EXTENSION, "worker.js"),
  `self.discard = async (url) => {
    const [tab] = await chrome.tabs.query({ url, active: false });
    return (await chrome.tabs.discard(tab.id)).id;
  };
  self.show = async () => {
    const [tab] = await chrome.tabs.query({ discarded: true });
    await chrome.tabs.update(tab.id, { active: true });
  };`,
);

test.use({
  flags: [
    `--load-extension=${EXTENSION}`,
    `--disable-extensions-except=${EXTENSION}`,
    "--disable-features=DisableLoadExtensionCommandLineSwitch",
  ],
});

async function inExtension(tabs: BrowserContext, name: "discard" | "show", url = ""): Promise<void> {
  const worker = tabs.serviceWorkers()[0] ?? (await tabs.waitForEvent("serviceworker"));
  await worker.evaluate(([call, pattern]) => Reflect.get(self, String(call))(pattern), [name, url]);
}

const wasDiscarded = (page: Page) => page.evaluate(() => Reflect.get(document, "wasDiscarded") === true);

test("a discarded tab leaves the other one working, and comes back to the session without extending it", async ({
  tabs,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "14s", CURFEW_WARNING: "4s", CURFEW_HEARTBEAT: "200ms" });
  await tabs.route(/\/(api\/notes|audit)\b/, (route) => route.abort());
  const doomed = await tabs.newPage();
  await signIn(doomed, demo.url);
  const ask = await serverView(doomed);
  await beActive(doomed, ask);
  const other = await tabs.newPage();
  await other.goto(`${demo.url}/react`);
  await expect(other.getByTestId("state")).toHaveText("active");
  await other.bringToFront();
  await inExtension(tabs, "discard", `${demo.url}/`);
  const before = await beActive(other, ask);

  const returned = tabs.waitForEvent("page", (page) => page !== other);
  await inExtension(tabs, "show");
  const page = await returned.catch(() => doomed);
  await expect(page.getByTestId("state")).toHaveText("active");
  expect(await wasDiscarded(page)).toBe(true);
  expect(await page.evaluate(() => Reflect.get(globalThis, "Curfew").session.state.keyStore)).toBe(
    "indexeddb",
  );
  expect((await ask()).lastActiveAt).toBe(before.lastActiveAt);
  await expect(dialog(page)).toBeVisible();
  await expect(page.getByTestId("state")).toHaveText("ended");
  expect(await ask()).toMatchObject({ reason: "idle", endedAt: before.expiresAt });
});
