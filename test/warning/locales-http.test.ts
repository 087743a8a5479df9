// The words over HTTP, as a page asks the verifier for them: from a real server, with paths as they come over the wire.
import { createServer, type IncomingHttpHeaders, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LOCALES } from "../../src/locales/all.js";
import { nearest } from "../../src/words/intl.js";
import { TAGS } from "../../src/words/locale.js";
import { createTestVerifier } from "../server/support/test-verifier.js";

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const { sessions } = createTestVerifier({ origins: ["https://app.example"] });
let server: Server;

beforeAll(async () => {
  const routes = sessions.routes();
  server = createServer((incoming, response) => {
    routes(incoming, response, () => response.writeHead(404).end("the app's own page"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await sessions.close();
});

/** Sends the path as it is: other clients would tidy it up first. */
function get(path: string, headers: Readonly<Record<string, string>> = {}, method = "GET"): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, headers, method }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    sent.once("error", reject).end();
  });
}

test.each(LOCALES.map((locale) => [locale.tag, locale] as const))(
  "%s is there, whole, as JSON that a page may keep for a while",
  async (tag, locale) => {
    const { status, headers, body } = await get(`/curfew/locales/${tag}.json`);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual(locale);
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "cache-control": "public, max-age=300",
      "x-content-type-options": "nosniff",
      "content-length": String(Buffer.byteLength(body)),
    });
    expect(headers).not.toHaveProperty("set-cookie");
    expect(Buffer.byteLength(body)).toBeLessThan(6500);
  },
);

test("what a page has kept is not sent again, and each language has its own mark", async () => {
  const first = await get("/curfew/locales/de.json");
  const etag = first.headers.etag ?? "";
  expect(etag).toMatch(/^"[A-Za-z0-9_-]{16}"$/);
  expect((await get("/curfew/locales/fr.json")).headers.etag).not.toBe(etag);
  const again = await get("/curfew/locales/de.json", { "if-none-match": etag });
  expect([again.status, again.body]).toEqual([304, ""]);
  const head = await get("/curfew/locales/de.json", {}, "HEAD");
  expect([head.status, head.body, head.headers.etag]).toEqual([200, "", etag]);
});

test.each([
  "/curfew/locales/tlh.json",
  "/curfew/locales/EN.JSON",
  "/curfew/locales/de",
  "/curfew/locales/de.json/",
  "/curfew/locales/de.js",
  "/curfew/locales/all.js",
  "/curfew/locales/",
  "/curfew/locales/.json",
  "/curfew/locales/../../package.json",
  "/curfew/locales/..%2f..%2fpackage.json",
  "/curfew/locales/%2e%2e/%2e%2e/package.json",
  "/curfew/locales/..\\..\\package.json",
  "/curfew/locales/....//....//package.json",
  "/curfew/locales/de%00.json",
  "/curfew/locales/%64e.json",
  "/curfew/locales//etc/passwd.json",
  `/curfew/locales/${"a".repeat(200)}.json`,
])("%s is a problem and no file", async (path) => {
  const { status, headers, body } = await get(path);
  expect([status, headers["content-type"]]).toEqual([404, "application/problem+json"]);
  expect(JSON.parse(body)).toMatchObject({ type: "urn:curfew:not-found", status: 404 });
});

test("nobody posts to the words", async () => {
  const { status, headers } = await get("/curfew/locales/de.json", {}, "POST");
  expect([status, headers.allow]).toEqual([405, "GET, HEAD"]);
});

test("an app on a listed origin may read them, and no other", async () => {
  const listed = await get("/curfew/locales/de.json", { origin: "https://app.example" });
  expect(listed.headers["access-control-allow-origin"]).toBe("https://app.example");
  const other = await get("/curfew/locales/de.json", { origin: "https://other.example" });
  expect(other.headers).not.toHaveProperty("access-control-allow-origin");
});

test("every file that a page can come to ask for is there", async () => {
  for (const tag of ["de-AT", "pt", "zh", "zh-TW", "iw", "ar-EG"])
    expect((await get(`/curfew/locales/${nearest(tag, TAGS)}.json`)).status, tag).toBe(200);
});
