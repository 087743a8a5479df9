/** The signing key in the browser: where it lives, what happens when it goes, and that nothing of it outlives its session. */
import type { Page } from "@playwright/test";
import { dialog, expect, paced, post, signIn, statusOf, test } from "./fixtures.js";
import { clearRecords, dropDatabase, keptIn, loseWrites, replaceKey } from "./support/kept.js";
import { move, toldTo, watch } from "./support/network.js";

const LONG = { CURFEW_IDLE: "75s", CURFEW_WARNING: "25s", CURFEW_HEARTBEAT: "300ms" };
const SHORT = { CURFEW_IDLE: "6s", CURFEW_WARNING: "4s", CURFEW_HEARTBEAT: "300ms" };
const NOTHING = { records: [], unreported: null };

async function expectExtends(page: Page): Promise<void> {
  await move(page);
  const inputAt = await move(page);
  await expect
    .poll(async () => (await statusOf(page)).lastActiveAt)
    .toBeGreaterThanOrEqual(inputAt - paced(200));
}

test("the store holds one key and one status; nobody can export the key or read it as JSON", async ({
  page,
  openSignedIn,
}) => {
  await openSignedIn(LONG);
  const { sid } = await statusOf(page);
  expect((await keptIn(page)).records).toEqual([`${sid}/key`, "last"].sort());
  const attempts = await page.evaluate(async () => {
    const opening = indexedDB.open("curfew:curfew");
    const database = await new Promise<IDBDatabase>((go) => (opening.onsuccess = () => go(opening.result)));
    const reading = database.transaction("session").objectStore("session").getAll();
    const values = await new Promise<{ privateKey?: CryptoKey }[]>(
      (go) => (reading.onsuccess = () => go(reading.result)),
    );
    database.close();
    const key = values.find(({ privateKey }) => privateKey !== undefined)?.privateKey as CryptoKey;
    const refusals: string[] = [];
    for (const format of ["jwk", "pkcs8", "raw", "spki"] as const)
      refusals.push(
        await crypto.subtle.exportKey(format, key).then(
          () => "exported",
          ({ name }: Error) => name,
        ),
      );
    const wrapper = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["wrapKey"]);
    refusals.push(
      await crypto.subtle.wrapKey("jwk", key, wrapper, { name: "AES-GCM", iv: new Uint8Array(12) }).then(
        () => "wrapped",
        ({ name }: Error) => name,
      ),
    );
    return { refusals, usages: key.usages, json: JSON.stringify(key) };
  });
  expect(attempts.refusals).not.toContain("exported");
  expect(attempts.refusals).not.toContain("wrapped");
  expect(attempts).toMatchObject({ usages: ["sign"], json: "{}" });
});

for (const [what, lose] of [
  ["takes the key and loses it", "nothing"],
  ["hands back null in its place", "null"],
  ["refuses every write", "throw"],
] as const)
  test(`a store that ${what}: the key stays in memory, the client says so, and the session is extended`, async ({
    page,
    openDemo,
  }) => {
    const demo = await openDemo(LONG);
    await loseWrites(page, lose);
    await signIn(page, demo.url);
    await watch(page);
    await expect
      .poll(async () => (await toldTo(page)).at(-1))
      .toMatchObject({ keyStore: "memory", canExtend: true });
    await expectExtends(page);
  });

for (const [what, harm] of [
  ["the database is deleted", dropDatabase],
  ["the record is cleared", clearRecords],
  ["another key takes its place", replaceKey],
] as const)
  test(`${what} in mid-session: the page goes on, and puts its key back for the next one`, async ({
    page,
    openDemo,
  }) => {
    const demo = await openDemo(LONG);
    await signIn(page, demo.url);
    const { sid, key } = await statusOf(page);
    expect(await harm(page, sid)).toBe("done");
    await expectExtends(page);
    await expect.poll(async () => (await keptIn(page)).records).toContain(`${sid}/key`);
    await page.reload();
    await watch(page);
    await expectExtends(page);
    expect((await statusOf(page)).key).toBe(key);
    expect((await toldTo(page)).map(({ keyStore }) => keyStore)).not.toContain("lost");
  });

for (const [what, harm] of [
  ["lost", clearRecords],
  ["replaced", replaceKey],
] as const)
  test(`a reload after the key was ${what}: the app hears of it at once, the person in the warning, with the way on`, async ({
    page,
    openDemo,
  }) => {
    const demo = await openDemo(SHORT);
    await page.addInitScript(() => {
      const errors: unknown[] = [];
      Reflect.set(globalThis, "errors", errors);
      addEventListener("DOMContentLoaded", () =>
        Reflect.get(globalThis, "Curfew")?.session.on("error", (error: unknown) => errors.push(error)),
      );
    });
    await signIn(page, demo.url);
    const before = await statusOf(page);
    expect(await harm(page, before.sid)).toBe("done");
    await page.reload();
    await watch(page);
    await expect
      .poll(async () => (await toldTo(page)).at(-1))
      .toMatchObject({ status: "active", keyStore: "lost", canExtend: false });
    expect(await page.evaluate(() => Reflect.get(globalThis, "errors"))).toEqual([
      { code: "key-mismatch", message: expect.stringContaining("lost the session's key") },
    ]);
    await move(page);
    await move(page);
    await expect(dialog(page)).toBeVisible();
    await expect(dialog(page).getByRole("button", { name: "Stay signed in" })).toBeHidden();
    await expect(dialog(page).getByRole("link", { name: /sign in again/i })).toBeVisible();
    const warned = (await toldTo(page)).find(({ status }) => status === "warning");
    expect(warned?.at).toBeLessThan(before.expiresAt - paced(4_000) + paced(700));
    // Beside the dialog: a press, without which nothing is asked of the key.
    await page.mouse.click(5, 5);
    const refused = await page.evaluate(() =>
      Reflect.get(globalThis, "Curfew")
        .session.extend()
        .then(
          () => "extended",
          ({ code }: { code: string }) => code,
        ),
    );
    expect(refused).toBe("key-mismatch");
    expect((await statusOf(page)).lastActiveAt).toBe(before.lastActiveAt);
  });

test("one tab has the key in memory and a second one finds none: the first one's activity gives it back", async ({
  context,
  page,
  openDemo,
}) => {
  const demo = await openDemo(LONG);
  await signIn(page, demo.url);
  const { sid } = await statusOf(page);
  expect(await clearRecords(page)).toBe("done");
  const second = await context.newPage();
  await second.goto(demo.url);
  await watch(second);
  await expect
    .poll(async () => (await toldTo(second)).at(-1))
    .toMatchObject({ keyStore: "lost", canExtend: false });
  await page.bringToFront();
  await expectExtends(page);
  await expect.poll(async () => (await keptIn(page)).records).toContain(`${sid}/key`);
  await second.evaluate(() => Reflect.get(globalThis, "Curfew").session.refresh());
  await expect
    .poll(async () => (await toldTo(second)).at(-1))
    .toMatchObject({ keyStore: "indexeddb", canExtend: true });
  await second.bringToFront();
  await expectExtends(second);
});

test("two sessions one after the other: each has a key of its own, and the first one's is gone", async ({
  page,
  openDemo,
}) => {
  const demo = await openDemo(LONG);
  await signIn(page, demo.url, "ann");
  const first = await statusOf(page);
  await signIn(page, demo.url, "ben");
  const second = await statusOf(page);
  expect(second.key).not.toBe(first.key);
  expect(second.sid).not.toBe(first.sid);
  await expect.poll(async () => (await keptIn(page)).records).toEqual([`${second.sid}/key`, "last"].sort());
  await expectExtends(page);
});

test("after a sign-out nothing of the session is left", async ({ page, openSignedIn }) => {
  await openSignedIn(LONG);
  await expectExtends(page);
  await page.getByTestId("sign-out").click();
  await page.waitForURL(/login/);
  await expect.poll(() => keptIn(page)).toEqual(NOTHING);
});

for (const [reason, limits] of [
  ["idle", { CURFEW_IDLE: "3s", CURFEW_WARNING: "1s" }],
  ["absolute", { CURFEW_IDLE: "3s", CURFEW_ABSOLUTE: "3s", CURFEW_WARNING: "1s" }],
] as const)
  test(`after an end by ${reason} nothing of the session is left, in two tabs`, async ({
    context,
    page,
    openDemo,
  }) => {
    const demo = await openDemo(limits);
    await signIn(page, demo.url);
    const other = await context.newPage();
    await other.goto(demo.url);
    await expect(dialog(other)).toContainText(/signed you out|sign in again/i);
    await expect.poll(async () => (await statusOf(page)).reason).toBe(reason);
    await expect.poll(() => keptIn(page)).toEqual(NOTHING);
  });

test("after an end elsewhere nothing of the session is left", async ({ page, openDemo }) => {
  const demo = await openDemo(LONG);
  await signIn(page, demo.url);
  const { sid } = await statusOf(page);
  expect((await post(page, "/end", { sid })).status).toBe(204);
  await page.evaluate(() => Reflect.get(globalThis, "Curfew").session.refresh());
  await expect(dialog(page)).toBeVisible();
  await expect.poll(() => keptIn(page)).toEqual(NOTHING);
});

test("a session that ended while no tab was open: the next page clears away what is left of it", async ({
  context,
  page,
  openSignedIn,
}) => {
  const demo = await openSignedIn({ CURFEW_IDLE: "3s", CURFEW_WARNING: "1s" });
  await expect.poll(async () => (await keptIn(page)).records).toHaveLength(2);
  await page.goto("about:blank");
  const idle = await context.newPage();
  await expect
    .poll(async () => {
      const cookies = await context.cookies(demo.url);
      const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
      return (await fetch(`${demo.url}/curfew/session`, { headers: { cookie } })).status;
    })
    .toBe(401);
  await idle.goto(`${demo.url}/login`);
  await expect.poll(() => keptIn(idle)).toEqual(NOTHING);
});

test("a sign-out by the app's form, straight to the sign-in page: nothing is left there", async ({
  page,
  openSignedIn,
}) => {
  await openSignedIn(LONG);
  await page.evaluate(() => document.querySelector<HTMLFormElement>("form.who")?.submit());
  await page.waitForURL(/\/login/);
  await expect.poll(() => keptIn(page)).toEqual(NOTHING);
});
