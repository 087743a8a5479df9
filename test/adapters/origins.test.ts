import { afterEach, describe, expect, test } from "vitest";
import { frameworks } from "./support/frameworks.js";
import { HttpBrowser, send } from "./support/http-browser.js";
import { serve, stopServers } from "./support/test-app.js";

afterEach(stopServers);

const PAGE = "https://www.app.test";
const EVIL = "https://evil.test";

describe.each(frameworks)("on $name, with a listed origin", (framework) => {
  async function signedIn() {
    const app = await serve(framework, { origins: [PAGE] });
    return { ...app, browser: await HttpBrowser.signedIn(app.url) };
  }

  test("its preflight is answered, with credentials", async () => {
    const { url } = await serve(framework, { origins: [PAGE] });
    const headers = { origin: PAGE, "access-control-request-method": "POST" };
    const answer = await send(url, "OPTIONS", "/curfew/heartbeat", { headers });
    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({
      "access-control-allow-origin": PAGE,
      "access-control-allow-credentials": "true",
      "access-control-allow-headers": "Content-Type",
      vary: "Origin",
    });
  });

  test("its heartbeat is accepted, and it may read the answer", async () => {
    const { browser, clock } = await signedIn();
    const headers = { origin: PAGE, "sec-fetch-site": "same-site" };
    const beat = await browser.beat(clock.now(), headers, PAGE);
    expect([beat.status, beat.headers["access-control-allow-origin"]]).toEqual([200, PAGE]);
    expect(beat.headers["access-control-expose-headers"]).toBe("Retry-After, WWW-Authenticate");
  });

  test("the guard's refusals may be read by it, and its preflights are answered", async () => {
    const { url } = await serve(framework, { origins: [PAGE] });
    const refused = await send(url, "GET", "/api/me", {
      headers: { origin: PAGE, "sec-fetch-mode": "cors" },
    });
    expect(refused.status).toBe(401);
    expect(refused.headers).toMatchObject({
      "access-control-allow-origin": PAGE,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "Retry-After, WWW-Authenticate",
      vary: "Origin",
    });
    const headers = { origin: PAGE, "access-control-request-method": "GET" };
    const preflight = await send(url, "OPTIONS", "/api/me", { headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      "access-control-allow-origin": PAGE,
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "GET, POST",
      vary: "Origin",
    });
    const other = { origin: EVIL, "access-control-request-method": "GET" };
    const { status, headers: told } = await send(url, "OPTIONS", "/api/me", { headers: other });
    expect([status, told.vary]).toEqual([204, "Origin"]);
    expect(Object.keys(told).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  test("another one may neither post nor read", async () => {
    const { browser, url, clock } = await signedIn();
    const headers = { origin: EVIL, "sec-fetch-site": "cross-site" };
    const beat = await browser.beat(clock.now(), headers, EVIL);
    expect([beat.status, beat.body.type]).toEqual([403, "urn:curfew:cross-site"]);
    const preflight = await send(url, "OPTIONS", "/curfew/heartbeat", {
      headers: { origin: EVIL, "access-control-request-method": "POST" },
    });
    const refused = await send(url, "GET", "/api/me", { headers: { origin: EVIL } });
    expect(preflight.status).toBe(405);
    for (const answer of [beat, preflight, refused])
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    expect((await browser.ask()).status).toBe(200);
  });
});

describe.each(frameworks)("on $name", (framework) => {
  test("without a list a preflight is answered by the guard, and opens nothing", async () => {
    const { url } = await serve(framework);
    const headers = { origin: EVIL, "access-control-request-method": "GET" };
    const answer = await send(url, "OPTIONS", "/api/me", { headers });
    expect([answer.status, answer.headers["access-control-allow-origin"]]).toEqual([204, undefined]);
  });

  test("an OPTIONS that is no preflight is refused like any call", async () => {
    const { url } = await serve(framework);
    expect((await send(url, "OPTIONS", "/api/me", { headers: { origin: EVIL } })).status).toBe(401);
  });
});
