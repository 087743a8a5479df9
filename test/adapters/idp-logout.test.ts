import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { oidc } from "../../src/server/idp/oidc.js";
import { CLIENT_ID, startFakeProvider } from "../server/support/fake-provider.js";
import { createTestKey } from "../server/support/test-browser.js";
import { frameworks } from "./support/frameworks.js";
import { HttpBrowser, send } from "./support/http-browser.js";
import { serve, stopServers } from "./support/test-app.js";

afterEach(stopServers);

const FORM = { "content-type": "application/x-www-form-urlencoded" };

describe.each(frameworks)("on $name", (framework) => {
  test("a logout that the provider tells of ends the browser's session", async () => {
    let clock = () => 0;
    const provider = await startFakeProvider(() => clock());
    onTestFinished(provider.close);
    const idp = oidc({ issuer: provider.issuer, clientId: CLIENT_ID, privateAddresses: ["loopback"] });
    const app = await serve(framework, { idp });
    clock = app.clock.now;
    const browser = new HttpBrowser(app.url, await createTestKey());
    const path = `/callback?at=${app.clock.now()}`;
    expect((await browser.send("POST", path)).body.code).toBe("started");
    expect((await browser.get("/api/me")).status).toBe(200);
    const body = `logout_token=${await provider.token({ sub: "ann" })}`;
    const answer = await send(app.url, "POST", "/curfew/idp/logout", { headers: FORM, body });
    expect([answer.status, answer.text, answer.headers["cache-control"]]).toEqual([200, "", "no-store"]);
    expect((await browser.get("/api/me")).body).toMatchObject({
      type: "urn:curfew:session-ended",
      reason: "revoked",
    });
    expect((await send(app.url, "GET", "/curfew/idp/logout", {})).status).toBe(405);
    await app.sessions.close();
  });
});
