import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { MINUTE, SILENT } from "../server/support/test-verifier.js";
import { openEvents } from "./support/event-reader.js";
import { frameworks } from "./support/frameworks.js";
import { HttpBrowser, send } from "./support/http-browser.js";
import { nodeHttp } from "./support/node-http-app.js";
import { serve, stopServers } from "./support/test-app.js";

afterEach(stopServers);

const PATH = "/curfew/events";
const ALIVE = "data: {}\n\n";
const END = "event: end\ndata: {}\n\n";
const CHANGED = "event: changed\ndata: {}\n\n";

const cookieOf = ({ cookie }: HttpBrowser) => ({ cookie: cookie ?? "" });

describe.each(frameworks)("on $name", (framework) => {
  async function signedIn(options = {}) {
    const app = await serve(framework, options);
    return { ...app, browser: await HttpBrowser.signedIn(app.url) };
  }

  test("the stream stands at once, in a shape that proxies pass on, and says nothing of the session", async () => {
    const { url, browser } = await signedIn();
    const stream = await openEvents(url, cookieOf(browser));
    await stream.heard(ALIVE);
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      "content-type": "text/event-stream",
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
    });
    expect(stream.headers["set-cookie"] ?? []).toEqual([]);
    expect(stream.text).toMatch(/^retry: [1-4]\d{3}\ndata: \{\}\n\n$/);
    stream.close();
  });

  test("a stream extends nothing: no deadline, no nonce, no cookie, no record of activity", async () => {
    const { url, browser, clock, audit } = await signedIn();
    const { live } = browser;
    const records = audit.length;
    clock.advance(5 * MINUTE);
    const stream = await openEvents(url, cookieOf(browser));
    await stream.heard(ALIVE);
    const { idleExpiresAt, lastActiveAt, nonce } = (await browser.ask()).body;
    expect([idleExpiresAt, lastActiveAt, nonce]).toEqual([live.idleExpiresAt, live.lastActiveAt, live.nonce]);
    expect(audit).toHaveLength(records);
    stream.close();
  });

  test("an end by the server is told at once, and the stream is over", async () => {
    const { url, browser, sessions } = await signedIn();
    const stream = await openEvents(url, cookieOf(browser));
    await stream.heard(ALIVE);
    await sessions.end(browser.live.sid);
    expect(await stream.ended).toMatch(new RegExp(`${ALIVE}${END}$`));
  });

  test("other times for the session are told, activity is not", async () => {
    const policy = { idle: "15m", absolute: "12h", rules: [{ roles: ["admin"], idle: "5m" }] };
    const { url, browser, clock } = await signedIn({ policy });
    const stream = await openEvents(url, cookieOf(browser));
    await stream.heard(ALIVE);
    clock.advance(MINUTE);
    expect((await browser.beat(clock.now())).status).toBe(200);
    await browser.send("POST", "/promote");
    await stream.heard(CHANGED);
    expect(stream.text.split("event:")).toHaveLength(2);
    stream.close();
  });

  test("nobody without a live session gets a stream, and no answer makes a browser try again by itself", async () => {
    const { url, browser, sessions } = await signedIn();
    const absent = await send(url, "GET", PATH);
    expect([absent.status, absent.text]).toEqual([204, ""]);
    const unknown = await send(url, "GET", PATH, { headers: { cookie: "__Host-curfew=unknown" } });
    expect([unknown.status, unknown.body.type]).toEqual([401, "urn:curfew:no-session"]);
    const two = await send(url, "GET", PATH, { headers: { cookie: "__Host-curfew=a; __Host-curfew=b" } });
    expect([two.status, two.body.type]).toEqual([400, "urn:curfew:bad-request"]);
    await sessions.end(browser.live.sid);
    const ended = await browser.get(PATH);
    expect([ended.status, ended.body.type]).toEqual([401, "urn:curfew:session-ended"]);
    expect(ended.headers["set-cookie"] ?? []).toEqual([]);
  });

  test("other methods are told which one there is", async () => {
    const { browser } = await signedIn();
    for (const method of ["HEAD", "POST", "PUT", "DELETE"]) {
      const { status, headers } = await browser.send(method, PATH, { headers: { "content-length": 0 } });
      expect([method, status, headers.allow]).toEqual([method, 405, "GET"]);
    }
  });

  test("a page of a listed origin may read the stream, and no other", async () => {
    const { url, browser } = await signedIn({ origins: ["https://app.test"] });
    const listed = await openEvents(url, { ...cookieOf(browser), origin: "https://app.test" });
    expect(listed.headers).toMatchObject({
      "access-control-allow-origin": "https://app.test",
      "access-control-allow-credentials": "true",
    });
    const other = await openEvents(url, { ...cookieOf(browser), origin: "https://evil.test" });
    expect(other.headers["access-control-allow-origin"]).toBeUndefined();
    listed.close();
    other.close();
  });

  test("a verifier that is full refuses streams and answers everything else, until one goes", async () => {
    const { url, browser } = await signedIn({ limits: { streams: 1 } });
    const other = await HttpBrowser.signedIn(url);
    const stream = await openEvents(url, cookieOf(browser));
    await stream.heard(ALIVE);
    const full = await other.get(PATH);
    expect([full.status, full.headers["retry-after"], full.body.type]).toEqual([
      503,
      "60",
      "urn:curfew:unavailable",
    ]);
    // Before anybody asks whose stream it would be.
    expect((await send(url, "GET", PATH)).status).toBe(503);
    expect((await other.ask()).status).toBe(200);
    stream.close();
    await expect.poll(() => send(url, "GET", PATH).then(({ status }) => status)).toBe(204);
  });

  test("one session gets four streams from one network, and has them back when they go", async () => {
    const { url, browser } = await signedIn();
    const open = () => openEvents(url, cookieOf(browser));
    const streams = await Promise.all([open(), open(), open(), open()]);
    expect(streams.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await browser.get(PATH)).status).toBe(503);
    expect(await (await openEvents(url, cookieOf(await HttpBrowser.signedIn(url)))).status).toBe(200);
    streams[0]?.close();
    await expect.poll(async () => (await open()).status).toBe(200);
  });

  test("close() ends the streams and takes no more", async () => {
    const { url, browser, sessions } = await signedIn();
    const stream = await openEvents(url, cookieOf(browser));
    await stream.heard(ALIVE);
    await sessions.close();
    expect(await stream.ended).toMatch(/\n\n$/);
    expect((await browser.get(PATH)).status).toBe(503);
  });

  test("a policy that stops them has no streams and no word of them in the status", async () => {
    const policy = { idle: "15m", absolute: "12h", reach: false as const };
    const { browser } = await signedIn({ policy });
    expect((await browser.get(PATH)).status).toBe(404);
    expect(browser.live.policy).not.toHaveProperty("reach");
  });

  test("a stream in which nothing happens is kept open", async () => {
    const policy = { idle: "15m", absolute: "12h", reach: "100ms", unsafeForTesting: true };
    const { url, browser } = await signedIn({ policy });
    expect(browser.live.policy.reach).toBe(100);
    const stream = await openEvents(url, cookieOf(browser));
    await stream.heard(`${ALIVE}${ALIVE}`);
    stream.close();
  });
});

test("a server that closes waits for no stream", async () => {
  const { sessions, listener } = await nodeHttp.mount(
    { policy: { idle: "15m", absolute: "12h" }, signInUrl: "/login", logger: SILENT },
    "nothing",
  );
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await HttpBrowser.signedIn(url);
  const stream = await openEvents(url, cookieOf(browser));
  await stream.heard(ALIVE);
  await new Promise((resolve) => server.close(resolve));
  await sessions.close();
});
