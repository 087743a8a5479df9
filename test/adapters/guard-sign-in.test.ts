/** Where a guard sends who is signed out: never in a circle, and never a part of a page. */
import { afterEach, describe, expect, test } from "vitest";
import { memoryStore } from "../../src/server/stores/memory.js";
import { SILENT } from "../server/support/test-verifier.js";
import { frameworks } from "./support/frameworks.js";
import { guardedApps, SECRET } from "./support/guarded-apps.js";
import { send } from "./support/http-browser.js";
import { listen, serve, stopServers } from "./support/test-app.js";

afterEach(stopServers);

const NAVIGATION = { "sec-fetch-mode": "navigate", accept: "text/html" };

/** An app behind its guard as a whole, the sign-in page too. */
async function guardedWhole(signInUrl: string, app = guardedApps[0]) {
  const warnings: string[] = [];
  const listener = await app?.listener({
    policy: { idle: "15m", absolute: "12h" },
    store: memoryStore(),
    signInUrl,
    logger: { ...SILENT, warn: (line: string) => warnings.push(line) },
  });
  return { warnings, url: await listen(listener ?? (() => {})) };
}

const told = (warnings: readonly string[]) => warnings.filter((line) => line.includes("sign-in page"));

describe.each(guardedApps.filter(({ name }) => name !== "Express, below a path"))("on $name", (app) => {
  test("a guard before the sign-in page redirects nobody in a circle, and the log says so once", async () => {
    const { url, warnings } = await guardedWhole("/login", app);
    const first = await send(url, "GET", "/notes", { headers: NAVIGATION });
    expect([first.status, first.headers.location]).toEqual([303, "/login?return=%2Fnotes"]);
    for (const path of ["/login?return=%2Fnotes", "/login", "/login"]) {
      const { status, body, headers } = await send(url, "GET", path, { headers: NAVIGATION });
      expect([status, headers.location, body.type]).toEqual([401, undefined, "urn:curfew:no-session"]);
      expect(body.detail).toBe(
        "A guard stands before the sign-in page itself: mount that page before the guard.",
      );
    }
    expect(told(warnings)).toEqual([
      "curfew: a guard stands before the sign-in page /login, so nobody can sign in: mount that page, and what it posts to, before the guard",
    ]);
  });
});

describe("a redirect to sign in", () => {
  test.each([
    ["/login", "/LOGIN?return=/notes", 303, "/login"],
    ["/login", "/login/?return=/notes", 303, "/login"],
    ["/login", "//login?return=/notes", 303, "/login"],
    ["/login", "/login;x?return=/notes", 303, "/login"],
    ["/login", "/%6cogin?return=/notes", 303, "/login"],
    ["/login", "/notes/../login?return=/notes", 303, "/login"],
    ["/login", "/login/notes", 303, "/login?return=%2Flogin%2Fnotes"],
    ["/login", "/loginx", 303, "/login?return=%2Floginx"],
    ["/", "/?return=/notes", 401, undefined],
    ["/", "/", 401, undefined],
    ["/", "/notes", 303, "/?return=%2Fnotes"],
    ["/login/", "/login/", 401, undefined],
    ["/a/../login", "/login", 401, undefined],
    ["/index.php?page=login", "/index.php?page=login&return=%2Fa", 401, undefined],
    [
      "/index.php?page=login",
      "/index.php?page=notes",
      303,
      "/index.php?page=login&return=%2Findex.php%3Fpage%3Dnotes",
    ],
    ["https://id.example/login", "/login", 303, "https://id.example/login?return=%2Flogin"],
  ])("where people sign in at %s, %s is answered %i %s", async (signInUrl, path, status, location) => {
    const { url, warnings } = await guardedWhole(signInUrl);
    const answer = await send(url, "GET", path, { headers: NAVIGATION });
    expect([answer.status, answer.headers.location]).toEqual([status, location]);
    expect(answer.text).not.toContain(SECRET);
    expect(told(warnings)).toHaveLength(status === 401 ? 1 : 0);
  });

  test("knows the sign-in page of this host by its whole URL too", async () => {
    const { url } = await guardedWhole("https://app.example/login");
    const headers = { ...NAVIGATION, host: "app.example" };
    expect((await send(url, "GET", "/login", { headers })).status).toBe(401);
  });

  test.each([
    ["the host", "https://app.example/login", "/login"],
    ["the port", "https://app.example:8443/login", "/login"],
    ["that the path begins with /bank", "/bank/login", "/login"],
    ["that the path begins with /bank, and the host", "https://app.example/bank/login", "/login"],
    ["that the path does not begin with /inner", "/login", "/inner/login"],
    ["the host, of a sign-in page with a query", "https://app.example/?page=login", "/?page=login"],
  ])(
    "behind a proxy that hides %s leads nobody in a circle, and the log says so once",
    async (_what, signInUrl, path) => {
      const { url, warnings } = await guardedWhole(signInUrl);
      const first = await send(url, "GET", "/notes?page=2", { headers: NAVIGATION });
      const query = new URL(first.headers.location ?? "", url).search;
      const sent = [first.status, query.includes("return=%2Fnotes%3Fpage%3D2")];
      expect(sent).toEqual([303, true]);
      const asked = path.includes("?") ? `/${query}` : `${path}${query}`;
      for (const _again of [1, 2]) {
        const answer = await send(url, "GET", asked, { headers: NAVIGATION });
        expect([answer.status, answer.headers.location]).toEqual([401, undefined]);
        expect(answer.body.detail).toContain("mount that page before the guard");
      }
      expect(told(warnings)).toHaveLength(1);
    },
  );

  test("leads on from a page that has a query of that name, or the same name further down", async () => {
    const { url } = await guardedWhole("https://id.example/login");
    for (const path of ["/flights?return=2026-12-01", "/login?return=2026-12-01", "/loginx?return=%2Fnotes"])
      expect((await send(url, "GET", path, { headers: NAVIGATION })).status).toBe(303);
  });

  test("from a form that was on the sign-in page names no way back to it", async () => {
    const { url } = await guardedWhole("/login");
    const headers = { ...NAVIGATION, referer: `${url}/login?return=%2Fnotes` };
    for (const path of ["/login", "/session/new"]) {
      const answer = await send(url, "POST", path, { headers, body: "" });
      expect([answer.status, answer.headers.location]).toEqual([303, "/login"]);
    }
  });
});

describe.each(frameworks)("on $name", (framework) => {
  test.each([
    ["htmx", { "hx-request": "true" }],
    ["htmx, boosted", { "hx-request": "true", "hx-boosted": "true" }],
    ["jQuery", { "x-requested-with": "XMLHttpRequest" }],
    ["Inertia", { "x-inertia": "true", "x-requested-with": "XMLHttpRequest" }],
    ["Unpoly", { "x-up-version": "3.10.2" }],
    ["a Turbo frame", { "turbo-frame": "panel" }],
    ["pjax", { "x-pjax": "true" }],
    ["Livewire", { "x-livewire": "1" }],
    ["Alpine AJAX", { "x-alpine-request": "true" }],
    ["a fetch", { "sec-fetch-mode": "cors", "sec-fetch-site": "same-site" }],
    ["a fetch within the origin", { "sec-fetch-mode": "same-origin", "sec-fetch-site": "same-origin" }],
    ["an image", { "sec-fetch-mode": "no-cors", "sec-fetch-site": "same-origin" }],
  ])("a part of a page that %s asks for gets the 401, not the sign-in page", async (_name, marks) => {
    const { url } = await serve(framework);
    for (const path of ["/notes", "/report"]) {
      const { status, headers, body } = await send(url, "GET", path, {
        headers: { accept: "text/html, */*", ...marks },
      });
      expect([status, headers.location, body.type]).toEqual([401, undefined, "urn:curfew:no-session"]);
      expect(body.signInUrl).toBe("/login");
    }
  });

  test("a navigation in Android's web view, which sends the app's name, goes to sign in", async () => {
    const { url } = await serve(framework);
    const headers = { accept: "text/html", "x-requested-with": "com.bank.app" };
    for (const path of ["/notes", "/report"])
      expect((await send(url, "GET", path, { headers })).status).toBe(303);
  });
});
