import type { Page } from "@playwright/test";
import { expect, paced, wait } from "./fixtures.js";
import { enter, QUICK, ROOMY, test } from "./support/activity-app.js";

const CYCLES = 40;

/** Counts what is opened and not closed: listeners without an end of their own, channels, connections, observers. */
const COUNT = `globalThis.counted = { listeners: 0, channels: 0, ports: 0, databases: 0 };
const listening = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (type, listener, options) {
  const { signal, once } = Object(options);
  if (!once && listener && (this === window || this === document)) {
    counted.listeners++;
    if (signal) listening.call(signal, "abort", () => counted.listeners--);
  }
  return listening.call(this, type, listener, options);
};
for (const [name, key] of [["BroadcastChannel", "channels"]]) {
  const Native = globalThis[name];
  globalThis[name] = class extends Native { constructor(...args) { super(...args); counted[key]++; } close() { counted[key]--; super.close(); } };
}
const opening = IDBFactory.prototype.open;
IDBFactory.prototype.open = function (...args) {
  const request = opening.apply(this, args);
  request.addEventListener("success", () => counted.databases++);
  return request;
};
const closing = IDBDatabase.prototype.close;
IDBDatabase.prototype.close = function () { counted.databases--; return closing.call(this); };`;

const openThings = (page: Page) => page.evaluate<Record<string, number>>("({ ...globalThis.counted })");

/** Makes and closes a client again and again; each of them has had its answer. */
const cycle = (page: Page, count: number) =>
  page.evaluate(`(async () => {
    for (let at = 0; at < ${count}; at++) {
      const session = Curfew.createSessionClient({ base: "/curfew" });
      await session.refresh();
      session.close();
    }
  })()`);

test("clients that were made and closed leave nothing open and ask nothing", async ({ page, openApp }) => {
  const app = await openApp({ policy: ROOMY });
  await page.addInitScript(`{ ${COUNT} }`);
  await enter(page, app);
  expect(await page.evaluate("String(window.open).includes('[native code]')")).toBe(false);
  await page.evaluate("Curfew.session.close()");
  await cycle(page, 2);
  await wait(paced(1_500));
  const before = await openThings(page);
  await cycle(page, CYCLES);
  await wait(paced(1_500));
  expect(await openThings(page)).toEqual(before);
  expect(before).toMatchObject({ channels: 0, databases: 0 });
  expect(await page.evaluate("Object.getOwnPropertyNames(document).includes('open')")).toBe(false);
  expect(await page.evaluate("String(window.open).includes('[native code]')")).toBe(true);
  const calls = app.calls.length;
  await wait(paced(5_000));
  expect(app.calls.length).toBe(calls);
});

test("a client that is closed while its page is covered leaves it so, and the next one uncovers it", async ({
  page,
  openApp,
}) => {
  const app = await openApp({ policy: QUICK, script: () => 'data-warning="none"' });
  await enter(page, app);
  const layers = page.locator("curfew-cover");
  await expect(layers).toHaveCount(1);
  await page.evaluate("Curfew.session.close()");
  await expect(layers).toHaveCount(1);
  const other = await page.context().newPage();
  await other.goto(`${app.url}/start`);
  await page.evaluate('Curfew.createSessionClient({ base: "/curfew" }).refresh()');
  await expect(layers).toHaveCount(0);
});
