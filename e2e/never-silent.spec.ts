import type { Page } from "@playwright/test";
import { expect, paced, statusOf, wait } from "./fixtures.js";
import { type App, enter, heardOf, ROOMY, test } from "./support/activity-app.js";

/** What comes in the way of the page's calls, as an adopter's page meets it. */
const OBSTACLES: Readonly<Record<string, { call: string; put: (page: Page) => Promise<unknown> }>> = {
  "a content security policy without connections": {
    call: "GET",
    put: (page) =>
      page.route(
        (url) => url.pathname === "/",
        async (route) => {
          const response = await route.fetch();
          const headers = { ...response.headers(), "content-security-policy": "connect-src 'none'" };
          await route.fulfill({ response, headers });
        },
      ),
  },
  "a content blocker on /session": {
    call: "GET",
    put: (page) => page.route("**/curfew/session*", (route) => route.abort("blockedbyclient")),
  },
  "a content blocker on /key": {
    call: "POST [^ ]*/key",
    put: (page) => page.route("**/curfew/key", (route) => route.abort("blockedbyclient")),
  },
  "a content blocker on /heartbeat": {
    call: "POST [^ ]*/heartbeat",
    put: (page) => page.route("**/curfew/heartbeat", (route) => route.abort("blockedbyclient")),
  },
};

/** Opens the app's page with a session; what the client says is in the answer's lists. */
async function open(page: Page, app: App) {
  const told = { console: [] as string[], codes: [] as string[] };
  page.on("console", (message) => {
    if (message.type() === "error" && message.text().startsWith("curfew:")) told.console.push(message.text());
  });
  await page.exposeFunction("tell", (code: string) => void told.codes.push(code));
  await page.addInitScript(
    "addEventListener('DOMContentLoaded', () => Curfew.session.on('error', ({ code }) => tell(code)))",
  );
  await page.goto(`${app.url}/start`);
  // What a test puts in the way is not met on a redirect.
  await page.goto(app.url);
  return told;
}

for (const [name, { call, put }] of Object.entries(OBSTACLES))
  test(`${name} is told once, by the console and by the event`, async ({ page, openApp }) => {
    const app = await openApp({ policy: ROOMY, body: '<input id="field">' });
    await put(page);
    const told = await open(page, app);
    const typing = setInterval(
      () =>
        void page
          .locator("#field")
          .press("a")
          .catch(() => {}),
      300,
    );
    await expect.poll(() => told.codes).toContain("unanswered");
    clearInterval(typing);
    expect(told.console).toHaveLength(1);
    expect(told.console[0]).toMatch(new RegExp(`^curfew: ${call}.*fails although the browser is online`));
  });

test("a page that holds all connections to its host is told what may hold them", async ({
  page,
  openApp,
}) => {
  test.slow();
  const app = await openApp({ policy: { ...ROOMY, idle: "4m", absolute: "2h" }, body: '<input id="field">' });
  const told = await open(page, app);
  await expect.poll(async () => (await statusOf(page)).key).not.toBeNull();
  // Streams that never end, and more of them than a browser keeps to a host.
  await page.evaluate("for (let at = 0; at < 8; at++) void fetch('/events?' + at)");
  await wait(paced(1_000));
  await page.locator("#field").press("a");
  await expect.poll(() => told.console.join(), { timeout: paced(120_000) }).toContain("six connections");
  expect(told.codes).toContain("unanswered");
});

test("where the browser refuses IndexedDB the key is kept in memory, and who types is heard", async ({
  page,
  openApp,
}) => {
  const app = await openApp({ policy: ROOMY, body: '<input id="field">' });
  await page.addInitScript(
    "IDBFactory.prototype.open = () => { throw new DOMException('full', 'QuotaExceededError'); }",
  );
  await enter(page, app);
  expect(await page.evaluate("Curfew.session.state.keyStore")).toBe("memory");
  await wait(paced(500));
  const at = Date.now();
  await page.locator("#field").press("a");
  await heardOf(page, at);
});

test("where the browser's storage is full the key is kept in memory, and who types is heard", async ({
  page,
  openApp,
}) => {
  const app = await openApp({ policy: ROOMY, body: '<input id="field">' });
  await page.addInitScript(
    "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }; Storage.prototype.setItem = IDBObjectStore.prototype.put",
  );
  await enter(page, app);
  expect(await page.evaluate("Curfew.session.state.keyStore")).toBe("memory");
  await wait(paced(500));
  const at = Date.now();
  await page.locator("#field").press("a");
  await heardOf(page, at);
});

test("while the app's own requests use up what may outlive the page, heartbeats go out all the same", async ({
  page,
  openApp,
}) => {
  const app = await openApp({ policy: ROOMY, body: '<input id="field">' });
  await enter(page, app);
  await page.evaluate(
    "void fetch('/events', { method: 'POST', keepalive: true, body: 'x'.repeat(65000) }).catch(() => {})",
  );
  await wait(paced(500));
  const at = Date.now();
  await page.locator("#field").press("a");
  await heardOf(page, at);
});
