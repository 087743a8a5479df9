import { paced } from "../fixtures.js";
import { expect, signIn, statusOf, test } from "./fixtures.js";

const LONG = { CURFEW_IDLE: "75s", CURFEW_WARNING: "25s", CURFEW_HEARTBEAT: "1s", CURFEW_COOKIE: "plain" };

/** Every private key in the page's IndexedDB, and what comes of exporting it. */
const STORED_KEYS = `
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const found = [];
  const visit = async (value) => {
    if (value instanceof CryptoKey && value.type === "private") {
      const exported = await crypto.subtle.exportKey("jwk", value).then(() => "a key", (error) => error.name);
      found.push({ extractable: value.extractable, exported });
    } else if (typeof value === "object" && value !== null)
      for (const member of Object.values(value)) await visit(member);
  };
  return (async () => {
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      for (const store of database.objectStoreNames)
        for (const value of await done(database.transaction(store).objectStore(store).getAll())) await visit(value);
      database.close();
    }
    return found;
  })();`;

test("the key cannot be exported, and after a reload the same key signs", async ({ webkit, openDemo }) => {
  const { url } = await openDemo(LONG);
  await signIn(webkit, url);
  const { key } = await statusOf(webkit, url);
  expect(await webkit.run(STORED_KEYS)).toEqual([{ extractable: false, exported: "InvalidAccessError" }]);

  await webkit.reload();
  expect(await webkit.run(STORED_KEYS)).toHaveLength(1);
  const movedAt = Date.now();
  await webkit.moveTo(200, 300);
  await webkit.moveTo(240, 320);
  await expect
    .poll(async () => (await statusOf(webkit, url)).lastActiveAt)
    .toBeGreaterThanOrEqual(movedAt - paced(200));
  expect((await statusOf(webkit, url)).key).toBe(key);
  const answer = await fetch(`${url}/audit`, { headers: { accept: "application/json" } });
  const trail = (await answer.json()) as { heartbeat?: string }[];
  const signers = trail.flatMap(({ heartbeat }) => (heartbeat === undefined ? [] : [signerOf(heartbeat)]));
  expect(new Set(signers)).toEqual(new Set([key]));
});

function signerOf(heartbeat: string): unknown {
  const [header = ""] = heartbeat.split(".");
  return (JSON.parse(Buffer.from(header, "base64url").toString()) as { kid?: unknown }).kid;
}
