/** `curfew doctor` with a real browser: nothing on the demo, and on wrong sites what only a browser shows. */

import { test as base, expect } from "./fixtures.js";
import {
  createShop,
  INCLUDE,
  openServer,
  PRESS,
  runDoctor,
  type Shop,
  type Told,
  writeSignIn,
} from "./support/doctor-run.js";

const test = base.extend<{ open: (...given: Parameters<typeof openServer>) => Promise<Shop> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
  open: async ({}, use) => {
    const shops: Shop[] = [];
    await use(async (listener) => {
      const shop = await openServer(listener);
      shops.push(shop);
      return shop;
    });
    await Promise.all(shops.map((shop) => shop.close()));
  },
});

const codesOf = ({ findings }: Told) => [...new Set(findings.map(({ code }) => code))].sort();
const LONG = 20_000;
const SHORT = 1_000;

test("nothing is found on the demo, where the doctor has signed in", async ({ openDemo }, info) => {
  const demo = await openDemo({});
  const login = writeSignIn(
    info.outputPath("login.mjs"),
    `await page.goto(new URL("/login", url).href);
  await page.getByLabel(/name/i).fill("ann");
  await page.getByLabel(/password/i).fill("demo");
  await page.getByRole("button", { name: /sign in/i }).click();
  await page.waitForURL(url);`,
  );
  const told = await runDoctor(demo.url, LONG, "--login", login, "--page", "/", "--page", "/api/notes");
  expect(told.text).toContain('"findings": []');
  expect(told.unseen).toEqual([]);
  expect(told.code).toBe(0);
});

/** Keeps whatever it is asked for, whatever its query. */
const WORKER = `addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  event.respondWith((async () => {
    const cache = await caches.open("all");
    const kept = await cache.match(event.request, { ignoreSearch: true });
    if (kept !== undefined) return kept;
    const answer = await fetch(event.request);
    await cache.put(event.request, answer.clone());
    return answer;
  })());
});`;

test("a page without the client, kept by a worker and guarded by a cookie of its own, is found in all its faults", async ({
  open,
}, info) => {
  const shop = createShop({
    pages: (app) => {
      app.get("/worker.js", (_request, response) => void response.type("js").send(WORKER));
      app.get("/account", (request, response) => {
        if (request.headers.cookie?.includes("own=ann") !== true) response.redirect("/login");
        else
          response.send(`<!doctype html><title>Shop</title><h1>Ann's account</h1><p>4,000 in all</p>
<script>navigator.serviceWorker.register("/worker.js")</script>`);
      });
    },
  });
  const { url } = await open(shop);
  const login = writeSignIn(
    info.outputPath("login.mjs"),
    `${PRESS}
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);`,
  );
  const portal = "http://portal.localhost:9";
  const told = await runDoctor(url, SHORT, "--login", login, "--page", "/account", "--frame", portal);
  expect(codesOf(told)).toEqual([
    "answer-cached",
    "client-silent",
    "ended-session-passes",
    "framed-by-another-site",
    "key-not-bound",
    "page-cacheable",
    "revived-by-back",
    "worker-keeps-pages",
  ]);
  expect(told.code).toBe(1);
});

test("a post of an identity provider on another site that starts no session is found", async ({
  open,
}, info) => {
  const { url } = await open(
    createShop({
      pages: (app, sessions) => {
        app.post("/callback", async (request, response) => {
          await sessions.start(request, response, { subject: "ann" });
          response.redirect(303, "/account");
        });
        app.use(
          (_error: unknown, _request: unknown, response: import("express").Response, _next: unknown) => {
            response.status(500).send("Something went wrong");
          },
        );
      },
    }),
  );
  const provider = await open((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end(`<form method="post" action="${url}/callback"><button>Go on</button></form>`);
  });
  const origin = provider.url.replace("127.0.0.1", "localhost");
  const steps = `await page.goto("${origin}/");
  await page.getByRole("button").click();
  await page.waitForLoadState();`;
  const login = writeSignIn(info.outputPath("login.mjs"), steps);
  const told = await runDoctor(url, SHORT, "--login", login, "--also", origin);
  expect(codesOf(told)).toEqual(["sign-in-without-session"]);
  expect(told.findings[0]).toMatchObject({
    asked: `POST ${url}/callback in a browser`,
    got: "500, and no session",
  });

  const kept = await runDoctor(url, SHORT, "--login", login);
  expect(kept.code).toBe(2);
  expect(kept.text).toContain("could not sign in: page.goto: net::ERR_FAILED");
});

test("a cookie that the browser refuses over plain http is found", async ({ open }, info) => {
  const { url } = await open(
    createShop({
      pages: (app) => void app.get("/account", (_request, response) => void response.send(INCLUDE)),
    }),
  );
  const login = writeSignIn(info.outputPath("login.mjs"), PRESS);
  const named = url.replace("127.0.0.1", "shop.example");
  const told = await runDoctor(named, SHORT, "--login", login, "--resolve", "127.0.0.1");
  expect(codesOf(told)).toEqual(["cookie-refused", "plain-http"]);
  expect(told.findings.find(({ code }) => code === "cookie-refused")?.got).toMatch(
    /^__Host-curfew=…; Path=\/; HttpOnly; Secure; SameSite=Lax, which the browser did not keep$/,
  );
});

test("a firewall that lets no heartbeat pass, and what the client says in the console, are found", async ({
  open,
}, info) => {
  const include = INCLUDE.replace("defer", 'data-escape="nothing" defer');
  const shop = createShop({
    before: (app) =>
      void app.post("/curfew/heartbeat", (_request, response) => void response.status(403).end()),
    pages: (app, sessions) => {
      app.get(
        "/account",
        sessions.page(),
        (_request, response) => void response.send(`${include}<h1>Ann's account</h1>`),
      );
    },
  });
  const { url } = await open(shop);
  const login = writeSignIn(info.outputPath("login.mjs"), PRESS);
  const told = await runDoctor(url, SHORT, "--login", login, "--page", "/account");
  expect(codesOf(told)).toEqual(["client-says", "heartbeat-lost", "post-refused"]);
});

test("a content security policy that a browser holds to is found without a sign-in", async ({ open }) => {
  const shop = createShop({
    before: (app) =>
      void app.use((_request, response, next) => {
        response.set("Content-Security-Policy", "connect-src 'none'");
        next();
      }),
    pages: () => {},
  });
  const { url } = await open(shop);
  const told = await runDoctor(`${url}/login`, SHORT);
  expect(codesOf(told)).toEqual(["csp-blocks"]);
  expect(told.findings.map(({ asked }) => asked)).toEqual([`GET ${url}/login`, "/login in a browser"]);
});
