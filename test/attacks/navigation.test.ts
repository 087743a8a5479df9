/** Navigations that no person made, where the policy counts navigations, and pages that a browser has kept. */
import { once } from "node:events";
import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import type { PolicyOptions } from "../../src/server/policy/policy.types.js";
import { TestBrowser } from "../server/support/test-browser.js";
import { createTestVerifier, MINUTE } from "../server/support/test-verifier.js";
import { atEnd } from "./support/nodes.js";

const BASE: PolicyOptions = { idle: "15m", absolute: "12h", warning: "2m" };
const COUNTING: PolicyOptions = { ...BASE, withoutScript: "navigation" };

/** What a browser says of a link that a person has followed within the site. */
const PERSON = {
  "sec-fetch-mode": "navigate",
  "sec-fetch-user": "?1",
  "sec-fetch-dest": "document",
  "sec-fetch-site": "same-origin",
};

async function onPages(policy: PolicyOptions, bind = false) {
  const { sessions, clock } = createTestVerifier({ policy });
  const browser = await TestBrowser.signedIn(sessions, { bind });
  const [page, guard] = [sessions.page(), sessions.guard()];
  const server = createServer((message, response) => {
    const handler = message.url === "/api" ? guard : page;
    handler(message, response, () => response.end("in"));
  }).listen(0);
  atEnd(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  clock.advance(10 * MINUTE);
  /** By how much a request with these headers moved the last activity. Not by fetch, which sets some of them itself. */
  const movedBy = async (headers: Record<string, string>, path = "/", method = "GET") => {
    const before = (await sessions.list("ann"))[0]?.lastActiveAt ?? 0;
    await new Promise<void>((resolve, reject) => {
      const options = { port, path, method, headers: { cookie: browser.cookie ?? "", ...headers } };
      send(options, (answer) => answer.resume().on("end", resolve))
        .on("error", reject)
        .end();
    });
    return ((await sessions.list("ann"))[0]?.lastActiveAt ?? 0) - before;
  };
  return { movedBy };
}

describe("16: a page that is fetched ahead", () => {
  test.each([
    { "sec-purpose": "prefetch" },
    { "sec-purpose": "prefetch;prerender" },
    { "sec-purpose": "prefetch;anonymous-client-ip" },
    { purpose: "prefetch" },
    { "x-moz": "prefetch" },
  ])("16: with %j is no activity, whatever else it says", async (headers) => {
    const { movedBy } = await onPages(COUNTING);
    expect(await movedBy({ ...PERSON, ...headers })).toBe(0);
    expect(await movedBy(PERSON)).toBe(10 * MINUTE);
  });
});

describe("17: a request that claims a person's click", () => {
  test.each<[string, PolicyOptions, boolean, Record<string, string>, string, string]>([
    ["where the policy does not count navigations", BASE, false, PERSON, "/", "GET"],
    ["once a key is bound", COUNTING, true, PERSON, "/", "GET"],
    ["on a route that is no page", COUNTING, false, PERSON, "/api", "GET"],
    ["with Sec-Fetch-User alone", COUNTING, false, { "sec-fetch-user": "?1" }, "/", "GET"],
    ["from another site", COUNTING, false, { ...PERSON, "sec-fetch-site": "cross-site" }, "/", "GET"],
    [
      "from another page of the site",
      COUNTING,
      false,
      { ...PERSON, "sec-fetch-site": "same-site" },
      "/",
      "GET",
    ],
    ["into a frame", COUNTING, false, { ...PERSON, "sec-fetch-dest": "iframe" }, "/", "GET"],
    ["by a fetch", COUNTING, false, { ...PERSON, "sec-fetch-mode": "cors" }, "/", "GET"],
    ["with a false mark", COUNTING, false, { ...PERSON, "sec-fetch-user": "?0" }, "/", "GET"],
    ["as HEAD", COUNTING, false, PERSON, "/", "HEAD"],
  ])("17: %s extends nothing", async (_name, policy, bind, headers, path, method) => {
    const { movedBy } = await onPages(policy, bind);
    expect(await movedBy(headers, path, method)).toBe(0);
  });
});

describe("49: the back button after the end", () => {
  test("49: pages are not to be kept, and the first answer that tells of the end takes those that were", async () => {
    const { sessions, clock } = createTestVerifier();
    const [browser, other] = [await TestBrowser.signedIn(sessions), await TestBrowser.signedIn(sessions)];
    const signedOut = await browser.post("/curfew/end", { sid: browser.live.sid });
    clock.advance(15 * MINUTE);
    const idled = await other.ask();
    for (const [{ headers }, sid] of [
      [signedOut, browser.live.sid] as const,
      [idled, other.live.sid] as const,
    ]) {
      expect(headers.get("clear-site-data")).toBe('"cache"');
      const mark = headers.getSetCookie().find((cookie) => cookie.startsWith("__Host-curfew.end="));
      expect(mark).toContain(`__Host-curfew.end=${sid};`);
      expect(mark).toContain("HttpOnly");
    }
    // A 401 may be late: it never takes the cookie of a newer session.
    expect(idled.headers.getSetCookie().some((cookie) => cookie.startsWith("__Host-curfew="))).toBe(false);
    const refused = await sessions.check(other.request("/page"));
    expect(refused).toMatchObject({ status: "ended" });
  });
});
