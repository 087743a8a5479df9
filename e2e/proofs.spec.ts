import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { captureHeartbeats, expect, post, SHORT, signIn, statusOf, test } from "./fixtures.js";

const LONG = { CURFEW_IDLE: "75s", CURFEW_WARNING: "25s", CURFEW_HEARTBEAT: "1s" };

/** A claim is right to half the round trip; where it lies ahead of the server's now, the server takes its now. */
const CLAMPED = 100;

/** Only Chromium's driver hands out the body of a request. */
const READS_BODIES = { tag: "@chromium" };

test(
  "a captured heartbeat is worth nothing: again, changed, elsewhere, re-signed, or after the end",
  READS_BODIES,
  async ({ browser, page, openDemo }) => {
    const demo = await openDemo(LONG);
    await signIn(page, demo.url);
    const heartbeats = captureHeartbeats(page);
    await page.mouse.move(100, 100);
    await page.mouse.move(150, 120);
    await expect.poll(() => heartbeats.length).toBeGreaterThan(0);
    const heartbeat = heartbeats.at(-1) ?? "";
    await expect
      .poll(async () => (await statusOf(page)).lastActiveAt)
      .toBeGreaterThanOrEqual(activeAtIn(heartbeat) - CLAMPED);

    expect(await post(page, "/heartbeat", { heartbeat })).toMatchObject({
      status: 409,
      body: { type: "urn:curfew:stale-nonce" },
    });

    const fresh = await heldBack(page);
    const before = await statusOf(page);
    const [header = "", payload = "", signature = ""] = fresh.split(".");
    const flipped = `${signature[0] === "A" ? "B" : "A"}${signature.slice(1)}`;
    expect(await post(page, "/heartbeat", { heartbeat: `${header}.${payload}.${flipped}` })).toMatchObject({
      status: 400,
      body: { code: "signature" },
    });
    const later = Buffer.from(payload, "base64url")
      .toString()
      .replace(/"activeAt":(\d+)/, (_all, at) => `"activeAt":${Number(at) + 1}`);
    const changed = Buffer.from(later).toString("base64url");
    expect((await post(page, "/heartbeat", { heartbeat: `${header}.${changed}.${signature}` })).status).toBe(
      400,
    );
    const foreign = await signedByAnotherKey(`${header}.${payload}`);
    expect(await post(page, "/heartbeat", { heartbeat: foreign })).toMatchObject({
      status: 400,
      body: { code: "signature" },
    });

    const elsewhere = await browser.newContext();
    const stranger = await elsewhere.newPage();
    await signIn(stranger, demo.url, "bob");
    expect(await post(stranger, "/heartbeat", { heartbeat: fresh })).toMatchObject({
      status: 409,
      body: { type: "urn:curfew:other-session" },
    });
    await elsewhere.close();

    expect((await statusOf(page)).nonce).toBe(before.nonce);
    await post(page, "/end", { sid: before.sid });
    const ended = await post(page, "/heartbeat", { heartbeat: fresh });
    expect(ended.status).toBe(401);
  },
);

test(
  "a heartbeat after the deadline is refused with the end and audited",
  READS_BODIES,
  async ({ page, openDemo }) => {
    const demo = await openDemo(SHORT);
    await signIn(page, demo.url);
    const fresh = await heldBack(page);
    await expect.poll(() => statusOf(page)).toMatchObject({ reason: "idle" });
    expect(await post(page, "/heartbeat", { heartbeat: fresh })).toMatchObject({
      status: 401,
      body: { type: "urn:curfew:session-ended", reason: "idle" },
    });
    const trail = await (
      await fetch(`${demo.url}/audit`, { headers: { accept: "application/json" } })
    ).json();
    expect(trail).toContainEqual(expect.objectContaining({ type: "session_use_after_expire" }));
  },
);

test("the key cannot be exported, survives a reload, and the store's file holds no secret", async ({
  context,
  page,
  openDemo,
}, info) => {
  const file = info.outputPath("sessions.db");
  const demo = await openDemo({ ...LONG, CURFEW_STORE: `sqlite:${file}` });
  await signIn(page, demo.url);
  const { key } = await statusOf(page);
  expect(await page.evaluate(storedKeys)).toEqual([
    { type: "private", extractable: false, exported: "InvalidAccessError" },
  ]);

  await page.reload();
  await expect(page.getByTestId("state")).toHaveText(/active/i);
  const { now } = await statusOf(page);
  await page.mouse.move(200, 100);
  await page.mouse.move(230, 130);
  await expect.poll(async () => (await statusOf(page)).lastActiveAt).toBeGreaterThanOrEqual(now - CLAMPED);
  const [header = ""] = (await lastAccepted(demo.url)).split(".");
  expect(JSON.parse(Buffer.from(header, "base64url").toString()).kid).toBe(key);

  const secret = (await context.cookies()).find(({ name }) => name === "__Host-curfew")?.value ?? "";
  expect(secret).toMatch(/^[\w-]{43}$/);
  const stored = [file, `${file}-wal`].map((name) => readFileSync(name, "latin1")).join("");
  expect(stored).toContain((await statusOf(page)).sid);
  expect(stored).not.toContain(secret);
  expect(stored).not.toMatch(/"d"\s*:|PRIVATE KEY/);
});

/** Every private key in the page's IndexedDB, and what comes of exporting it. */
async function storedKeys() {
  const found: { type: string; extractable: boolean; exported: string }[] = [];
  const visit = async (value: unknown): Promise<void> => {
    if (value instanceof CryptoKey && value.type === "private") {
      const exported = await crypto.subtle.exportKey("jwk", value).then(
        () => "a key",
        (error: Error) => error.name,
      );
      found.push({ type: value.type, extractable: value.extractable, exported });
    } else if (typeof value === "object" && value !== null)
      for (const member of Object.values(value)) await visit(member);
  };
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open(name ?? "");
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    for (const store of database.objectStoreNames) {
      const values = await new Promise<unknown[]>((resolve, reject) => {
        const reading = database.transaction(store).objectStore(store).getAll();
        reading.onsuccess = () => resolve(reading.result);
        reading.onerror = () => reject(reading.error);
      });
      for (const value of values) await visit(value);
    }
    database.close();
  }
  return found;
}

/** A heartbeat that the page signed and that never reached the server: its nonce is still current. */
async function heldBack(page: import("@playwright/test").Page): Promise<string> {
  let heartbeat = "";
  await page.route("**/curfew/heartbeat", (route) => {
    const body: unknown = JSON.parse(route.request().postData() ?? "{}");
    if (typeof body === "object" && body !== null && "heartbeat" in body) heartbeat = String(body.heartbeat);
    return route.abort();
  });
  await expect
    .poll(async () => {
      await page.mouse.move(Date.now() % 400, 150);
      return heartbeat;
    })
    .not.toBe("");
  return heartbeat;
}

/** The newest heartbeat in the audit trail. */
async function lastAccepted(url: string): Promise<string> {
  const answer = await fetch(`${url}/audit`, { headers: { accept: "application/json" } });
  const trail = (await answer.json()) as { at: string; heartbeat?: string }[];
  const accepted = trail.filter(({ heartbeat }) => heartbeat !== undefined);
  return accepted.toSorted((one, other) => one.at.localeCompare(other.at)).at(-1)?.heartbeat ?? "";
}

function activeAtIn(heartbeat: string): number {
  const payload: unknown = JSON.parse(Buffer.from(heartbeat.split(".")[1] ?? "", "base64url").toString());
  return typeof payload === "object" && payload !== null && "activeAt" in payload
    ? Number(payload.activeAt)
    : Number.NaN;
}

async function signedByAnotherKey(input: string): Promise<string> {
  const pair = await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, [
    "sign",
    "verify",
  ]);
  const data = new TextEncoder().encode(input);
  const signature = await webcrypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, data);
  return `${input}.${Buffer.from(signature).toString("base64url")}`;
}
