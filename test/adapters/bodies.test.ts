import { afterEach, describe, expect, test } from "vitest";
import { frameworks } from "./support/frameworks.js";
import { HttpBrowser } from "./support/http-browser.js";
import { serve, stopServers } from "./support/test-app.js";

afterEach(stopServers);

describe.each(frameworks)("on $name", (framework) => {
  test("heartbeats and ends work behind a body parser", async () => {
    const { url, clock } = await serve(framework, {}, "json");
    const browser = await HttpBrowser.signedIn(url);
    expect((await browser.beat(clock.now())).status).toBe(200);
    expect((await browser.post("/curfew/end", { sid: browser.live.sid })).status).toBe(204);
  });

  test("a body that somebody has thrown away is not waited for", async () => {
    const { url } = await serve(framework, {}, "drain");
    const browser = new HttpBrowser(url, await keyOf());
    await browser.send("POST", "/sign-in");
    await browser.ask();
    const answer = await browser.bind();
    expect([answer.status, answer.body.type, answer.body.code]).toEqual([
      400,
      "urn:curfew:bad-request",
      "body-consumed",
    ]);
  });

  test("a body of one megabyte gets its 413, and the next call its answer", async () => {
    const { url, clock } = await serve(framework);
    const browser = await HttpBrowser.signedIn(url);
    const { status, body } = await browser.post(
      "/curfew/heartbeat",
      `{"heartbeat":"${"a".repeat(1_000_000)}"}`,
    );
    expect([status, body.type]).toEqual([413, "urn:curfew:too-large"]);
    expect((await browser.beat(clock.now())).status).toBe(200);
  });

  test("a body without a length is limited too", async () => {
    const { url, clock } = await serve(framework);
    const browser = await HttpBrowser.signedIn(url);
    const message = { "transfer-encoding": "chunked" };
    const big = await browser.post("/curfew/heartbeat", `{"heartbeat":"${"a".repeat(100_000)}"}`, message);
    expect([big.status, big.body.type]).toEqual([413, "urn:curfew:too-large"]);
    expect((await browser.beat(clock.now(), message)).status).toBe(200);
  });

  test.each([
    ["no JSON", "application/json", "{", "json"],
    ["an empty body", "application/json", "", "json"],
    ["a form", "application/x-www-form-urlencoded", "heartbeat=1", "media-type"],
    ["a media type that is none", "nonsense", "{}", "media-type"],
    ["no media type", "", "{}", "media-type"],
  ])("%s gets the problem of Curfew, not the framework's", async (_name, type, body, code) => {
    const { url } = await serve(framework);
    const browser = await HttpBrowser.signedIn(url);
    const answer = await browser.post("/curfew/heartbeat", body, { "content-type": type });
    expect([answer.status, answer.headers["content-type"], answer.body.type, answer.body.code]).toEqual([
      400,
      "application/problem+json",
      "urn:curfew:bad-request",
      code,
    ]);
  });

  test.each(["GET", "PUT", "PATCH", "DELETE"])("%s where a post belongs is 405", async (method) => {
    const { url } = await serve(framework);
    const browser = await HttpBrowser.signedIn(url);
    const { status, headers } = await browser.send(method, "/curfew/heartbeat");
    expect([status, headers.allow]).toEqual([405, "POST"]);
  });

  test("the script include and its ETag arrive whole, and an unknown path below the base is a problem", async () => {
    const { url } = await serve(framework);
    const browser = new HttpBrowser(url, await keyOf());
    const { status, headers, body } = await browser.get("/curfew/unknown");
    expect([status, headers["content-type"], body.type]).toEqual([
      404,
      "application/problem+json",
      "urn:curfew:not-found",
    ]);
  });
});

async function keyOf() {
  const { createTestKey } = await import("../server/support/test-browser.js");
  return createTestKey();
}
