/** `curfew doctor`: each wrong configuration is built on real HTTP, and found; a right one gives nothing to find. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import cookieParser from "cookie-parser";
import { doubleCsrf } from "csrf-csrf";
import express, { type Express, type RequestHandler } from "express";
import { afterEach, describe, expect, test } from "vitest";
import { type FindingCode, KINDS } from "../../src/cli/doctor/findings.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { redisStore } from "../../src/server/stores/redis/store.js";
import {
  closeAll,
  createApp,
  curfew,
  doctor,
  listen,
  type Parts,
  proxyTo,
  signIn,
} from "./support/doctor-sites.js";
import { ROOT, startProgram } from "./support/program.js";

afterEach(closeAll);

const serve = (parts?: Parts) => listen(createApp(parts).app);

/** What the answers of an app are given in place of what it has set itself. */
const atTheEnd =
  (change: (response: express.Response, request: express.Request) => void): RequestHandler =>
  (request, response, next) => {
    const { writeHead } = response;
    response.writeHead = (...head: unknown[]) => {
      change(response, request);
      return Reflect.apply(writeHead, response, head) as express.Response;
    };
    next();
  };

const before = (...handlers: RequestHandler[]): Parts => ({ before: (app) => void app.use(...handlers) });

const csrfLayer = (app: Express) => {
  const { doubleCsrfProtection } = doubleCsrf({
    getSecret: () => "a secret of the test",
    getSessionIdentifier: () => "somebody",
  });
  app.use(cookieParser(), doubleCsrfProtection);
};

/** Sends the first browser to the first app, the next to the second one, in turns. */
async function inTurns(...parts: readonly Parts[]): Promise<string> {
  const apps = parts.map((one) => createApp(one).app);
  let turn = 0;
  return listen((request, response) => apps[turn++ % apps.length]?.(request, response));
}

interface Wrong {
  readonly code: FindingCode;
  readonly what: string;
  /** What is found beside it, and is as true. */
  readonly also?: readonly FindingCode[];
  /** The row of the table of wrong configurations that first users made, where it is one. */
  readonly row?: number;
  /** The URL of the site, and what the doctor is told beside it. */
  build(): Promise<readonly [url: string, ...args: readonly string[]]>;
  /** What must be among the words. */
  readonly words: RegExp;
}

const WRONG: readonly Wrong[] = [
  {
    row: 1,
    code: "guard-before-routes",
    also: ["sign-in-guarded"],
    what: "a guard before routes()",
    build: async () => [await serve({ before: (app, sessions) => void app.use(sessions.guard()) })],
    words: /401 urn:curfew:no-session/,
  },
  {
    row: 1,
    code: "sign-in-guarded",
    what: "a guard before the sign-in page",
    build: async () => {
      const parts: Parts = {
        before: (app, sessions) => void app.use(sessions.routes(), sessions.guard()),
      };
      return [await serve(parts)];
    },
    words: /GET http.*\/login 401 urn:curfew:no-session: A guard stands before the sign-in page/,
  },
  {
    row: 1,
    code: "sign-in-guarded",
    what: "a guard of the app's own before the sign-in page",
    build: async () => {
      const toSignIn: RequestHandler = ({ originalUrl }, response) =>
        response.redirect(`/login?return=${encodeURIComponent(originalUrl)}`);
      return [await serve({ before: (app, sessions) => void app.use(sessions.routes(), toSignIn) })];
    },
    words: /leads to itself again and again/,
  },
  {
    row: 2,
    code: "body-parser-first",
    what: "a body parser before routes()",
    build: async () => [await serve(before(express.json()))],
    words: /POST http.*\/curfew\/key with broken JSON 400 text\/html/,
  },
  {
    row: 3,
    code: "post-refused",
    what: "a check of CSRF tokens before routes()",
    build: async () => [await serve({ before: csrfLayer })],
    words:
      /POST http.*\/curfew\/key 403 text\/html.*Something stands before routes\(\), such as a check of CSRF/,
  },
  {
    code: "post-refused",
    what: "a firewall that lets no heartbeat pass",
    build: async () => [
      await serve({
        before: (app) =>
          void app.post("/curfew/heartbeat", (_request, response) => void response.status(406).end()),
      }),
    ],
    words: /POST http.*\/curfew\/heartbeat 406/,
  },
  {
    row: 4,
    code: "own-origin-unknown",
    what: "a proxy that names another host and is not trusted",
    build: async () => {
      const app = await serve();
      return [await listen(express().use(proxyTo(app, { headers: { host: "app.internal" } })))];
    },
    words: /takes itself for http:\/\/app\.internal/,
  },
  {
    row: 5,
    code: "plain-http",
    what: "plain http on a host that is not this machine",
    build: async () => [(await serve()).replace("127.0.0.1", "shop.example"), "--resolve", "127.0.0.1"],
    words: /Secure cookie/,
  },
  {
    row: 6,
    code: "framed-by-another-site",
    what: "a frame in a page of another site",
    build: async () => [await serve(), "--frame", "http://portal.example"],
    words: /in a frame of http:\/\/portal\.example/,
  },
  {
    row: 7,
    code: "two-stores",
    what: "two processes with memory stores",
    build: async () => {
      const url = await inTurns({}, {});
      return [url, "--cookie", await signIn(url)];
    },
    words: /6 answers of 12 know the session, 6 do not/,
  },
  {
    row: 10,
    code: "origin-not-listed",
    what: "an origin that is not listed",
    build: async () => [await serve(), "--origin", "http://127.0.0.1:5173"],
    words: /OPTIONS http.*from a page of http:\/\/127\.0\.0\.1:5173/,
  },
  {
    row: 11,
    code: "page-cacheable",
    what: "a guarded page that caches may keep",
    build: async () => {
      const toCaches = atTheEnd((response) => void response.setHeader("Cache-Control", "public, max-age=60"));
      const url = await serve({ between: (app) => void app.use("/account", toCaches) });
      return [url, "--page", "/account", "--cookie", await signIn(url)];
    },
    words: /GET http.*\/account 200 with Cache-Control: public, max-age=60/,
  },
  {
    row: 12,
    code: "answer-cached",
    what: "a cache that answers for the verifier",
    build: async () => {
      const app = await serve();
      const kept = await (await fetch(`${app}/curfew/session?ask=first`)).text();
      const cache: RequestHandler = (request, response, next) =>
        request.path === "/curfew/session" ? void response.type("json").send(kept) : next();
      return [await listen(express().use(cache, proxyTo(app, {})))];
    },
    words: /to another question, from a cache/,
  },
  {
    row: 13,
    code: "wrong-base",
    what: "a wrong data-base",
    build: async () => [
      `${await serve({ include: '<script src="/curfew/curfew.js" data-base="/session" defer></script>' })}/open`,
    ],
    words: /GET http.*\/session\/session 401.*Curfew answers at \/curfew/,
  },
  {
    row: 14,
    code: "prefix-stripped",
    what: "a proxy that takes the prefix away",
    build: async () => {
      const app = await serve();
      return [await listen(express().use(proxyTo(app, { path: (path) => path.replace(/^\/curfew/, "") })))];
    },
    words: /GET http.*\/curfew\/session 401/,
  },
  {
    row: 17,
    code: "clock-apart",
    what: "a clock that is an hour off",
    build: async () => [
      await serve(
        before(
          atTheEnd(
            (response) => void response.setHeader("Date", new Date(Date.now() + 3_600_000).toUTCString()),
          ),
        ),
      ),
    ],
    words: /a Date that is 3\d{3} s ahead/,
  },
  {
    code: "base-not-found",
    what: "an app without routes()",
    build: async () => [
      await serve({
        routes: false,
        between: (app) => void app.use("/curfew", (_request, response) => void response.status(404).end()),
      }),
    ],
    words: /404.*Is routes\(\) mounted there/,
  },
  {
    code: "cors-layer",
    what: "another CORS layer before routes()",
    build: async () => {
      const url = await serve(
        before((request, response, next) => {
          response.set({ "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*" });
          if (request.method === "OPTIONS") response.status(204).end();
          else next();
        }),
      );
      return [url, "--origin", "http://127.0.0.1:5173"];
    },
    words: /Access-Control-Allow-Origin: \*/,
  },
  {
    code: "origin-of-another-site",
    what: "an origin of another site",
    build: async () => [
      await serve({ options: { origins: ["https://app.example"] } }),
      "--origin",
      "https://app.example",
    ],
    words: /two sites/,
  },
  {
    code: "script-missing",
    what: "a static folder in the script's place",
    build: async () => [
      await serve({
        before: (app) =>
          void app.get("/curfew/curfew.js", (_request, response) => void response.send("<h1>Shop</h1>")),
      }),
    ],
    words: /curfew\.js 200 text\/html/,
  },
  {
    code: "script-not-bundled",
    what: "a verifier that has no script",
    build: async () => {
      const app = await serve();
      const lost = proxyTo(app, { path: (path) => path.replace("curfew.js", "lost.js") });
      return [await listen(express().use(lost))];
    },
    words: /404 urn:curfew:not-found/,
  },
  {
    code: "script-differs",
    what: "a script of another release",
    build: async () => [
      await serve({
        before: (app) =>
          void app.get(
            "/curfew/curfew.js",
            (_request, response) => void response.type("js").send("var Curfew"),
          ),
      }),
    ],
    words: /10 bytes that are not this release's/,
  },
  {
    code: "no-store-lost",
    what: "middleware that caches everything",
    build: async () => [
      await serve(before(atTheEnd((response) => void response.setHeader("Cache-Control", "max-age=60")))),
    ],
    words: /Cache-Control: max-age=60/,
  },
  {
    code: "store-away",
    what: "a store that does not answer",
    build: async () => {
      const url = await serve({ options: { store: redisStore("redis://127.0.0.1:1") } });
      return [url, "--cookie", "__Host-curfew=somebodys-cookie"];
    },
    words: /503 urn:curfew:unavailable/,
  },
  {
    code: "cookie-not-presented",
    what: "a proxy that drops cookies",
    build: async () => {
      const app = await serve();
      const cookie = await signIn(app);
      return [await listen(express().use(proxyTo(app, { without: ["cookie"] }))), "--cookie", cookie];
    },
    words: /no session cookie arrives/,
  },
  {
    code: "two-policies",
    what: "two processes with two policies",
    build: async () => {
      const store = memoryStore();
      const url = await inTurns(
        { options: { store } },
        { options: { store, policy: { idle: "10m", absolute: "12h", warning: "2m" } } },
      );
      return [url, "--cookie", await signIn(url)];
    },
    words: /policies with the fingerprints/,
  },
  {
    code: "key-never-bound",
    what: "a session that never bound a key",
    build: async () => {
      const url = await serve();
      return [url, "--cookie", await signIn(url, "?at=120000")];
    },
    words: /a session without a key, 12\d s after the sign-in/,
  },
  {
    code: "unsafe-for-testing",
    what: "a policy for tests",
    build: async () => {
      const policy = { idle: "4s", absolute: "12h", warning: "1s", unsafeForTesting: true };
      const url = await serve({ options: { policy } });
      return [url, "--cookie", await signIn(url)];
    },
    words: /unsafeForTesting/,
  },
  {
    code: "store-clock-apart",
    what: "a store whose clock is an hour behind",
    build: async () => {
      const clock = { now: () => Date.now() - 3_600_000, monotonic: () => performance.now() };
      const url = await serve({ options: { store: memoryStore({ clock }) } });
      return [url, "--cookie", await signIn(url)];
    },
    words: /3\d{3} s from the answer's Date/,
  },
  {
    code: "page-open",
    what: "a page without a guard",
    build: async () => [await serve(), "--page", "/open"],
    words: /200 without a session/,
  },
  {
    code: "csp-blocks",
    what: "a policy without connect-src",
    build: async () => {
      const policy = "default-src 'none'; script-src 'self'";
      return [
        await serve(
          before(
            (_request, response, next) =>
              void next(response.set("Content-Security-Policy", policy) && undefined),
          ),
        ),
      ];
    },
    words: /forbids by connect-src: \/curfew\/session/,
  },
];

describe("finds", () => {
  test.each(WRONG)("$what", async ({ code, also = [], build, words }) => {
    const [url, ...args] = await build();
    const report = await doctor(url, ...args);
    expect(new Set(report.findings.map((one) => one.code))).toEqual(new Set([code, ...also]));
    const told = report.findings.filter((one) => one.code === code);
    expect(told.map(({ asked, got, cause }) => `${asked} ${got} ${cause}`).join("\n")).toMatch(words);
    expect(report.code).toBe(1);
  });
});

const withPolicy = (policy: unknown) => () => createApp({ options: { policy: policy as never } });
const withOptions = (options: unknown) => () => createApp({ options: options as never });
const signInBy = (headers: Record<string, string>, more: object) => () => {
  const request = new Request("http://127.0.0.1/callback", { method: "POST", headers });
  return createApp().sessions.start(request, { subject: "ann", ...more });
};

/** What the start refuses, or the sign-in itself, with what to write: a doctor cannot come so far. */
const REFUSED: readonly (readonly [row: number, what: string, start: () => unknown, words: RegExp])[] = [
  [
    8,
    "minutes as a number",
    withPolicy({ idle: 15, absolute: "12h" }),
    /policy\.idle is 15; write a duration/,
  ],
  [8, "no unit", withPolicy({ idle: "15", absolute: "12h" }), /policy\.idle is "15"; write a duration/],
  [9, "no absolute timeout", withPolicy({ idle: "15m" }), /policy\.absolute is missing; every session needs/],
  [9, "no sign-in URL", withOptions({ signInUrl: undefined }), /signInUrl/],
  [15, "form_post of a provider", signInBy({ "sec-fetch-site": "cross-site" }, {}), /orphanPrevious: true/],
  [16, "auth_time in seconds", signInBy({}, { authenticatedAt: 1_767_225_600 }), /multiply by 1000/],
  [18, "trustProxy: true", withOptions({ trustProxy: true }), /trustProxy/],
  [18, "an origin with a path", withOptions({ origins: ["https://app.example/"] }), /origins/],
  [18, "an unknown cookie mode", withOptions({ cookie: "none" }), /cookie/],
  [18, "a store as text", withOptions({ store: "memory:" }), /store/],
  [18, "a warning of 10 s", withPolicy({ idle: "15m", absolute: "12h", warning: "10s" }), /policy\.warning/],
];

describe("leaves to the start and the sign-in", () => {
  test.each(REFUSED)("row %i: %s", async (_row, _what, start, words) => {
    const starting = async () => start();
    await expect(starting()).rejects.toThrow(words);
  });
});

test("all eighteen wrong configurations are found by the doctor, or refused before it could ask", () => {
  const rows = new Set([...WRONG.flatMap(({ row }) => row ?? []), ...REFUSED.map(([row]) => row)]);
  expect([...rows].sort((a, b) => a - b)).toEqual(Array.from({ length: 18 }, (_none, at) => at + 1));
});

const GUIDE = readFileSync(new URL("../../docs/doctor.md", import.meta.url), "utf8");

test("every finding is found by a test, here or in a browser", () => {
  const inBrowser = readFileSync(new URL("../../e2e/doctor.spec.ts", import.meta.url), "utf8");
  const isFound = (code: string) => WRONG.some((one) => one.code === code) || inBrowser.includes(`"${code}"`);
  expect(Object.keys(KINDS).filter((code) => !isFound(code))).toEqual([]);
});

test("every finding has its section in docs/doctor.md, with its cause and its cure", () => {
  const sections = GUIDE.split(/^### /m).slice(1);
  expect(sections.map((text) => text.split("\n")[0])).toEqual(Object.keys(KINDS));
  for (const [at, { cause, cure }] of Object.values(KINDS).entries()) {
    expect(sections[at]).toContain(`- **Cause.** ${cause}\n`);
    expect(sections[at]).toContain(`- **Cure.** ${cure}\n`);
  }
});

test("every option of the doctor has its row in docs/doctor.md", async () => {
  const { printed } = await curfew("doctor", "--http-only", "--help");
  const options = [...printed.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, name = ""]) => name);
  expect(options.length).toBeGreaterThan(8);
  for (const name of options)
    if (name !== "--help") expect(GUIDE).toMatch(RegExp(`^\\| \`${name}[ \`]`, "m"));
});

describe("a right site", () => {
  test("gives nothing to find, with a session and without one", async () => {
    const url = await serve({ options: { origins: ["http://127.0.0.1:5173"] } });
    const args = ["--page", "/account", "--page", "/", "--origin", "http://127.0.0.1:5173"];
    expect(await doctor(url, ...args)).toMatchObject({ code: 0, base: "/curfew", findings: [] });
    const asked = await doctor(url, ...args, "--cookie", await signIn(url));
    expect(asked).toMatchObject({ code: 0, findings: [] });
    expect(asked.unseen).toEqual([]);
  });

  test("is left as it was: the session lives, and its key can still be bound", async () => {
    const url = await serve();
    const cookie = await signIn(url);
    const status = async () => (await fetch(`${url}/curfew/session`, { headers: { cookie } })).json();
    const { nonce, key, idleExpiresAt } = (await status()) as Record<string, unknown>;
    await doctor(url, "--cookie", cookie, "--page", "/account");
    expect(await status()).toMatchObject({ status: "active", nonce, key, idleExpiresAt });
  });

  test("may have its base elsewhere, as its pages say it or the doctor is told", async () => {
    const parts = { options: { base: "/app/time" } };
    const said = await serve({ ...parts, include: '<script defer src="/app/time/curfew.js"></script>' });
    expect(await doctor(said)).toMatchObject({ code: 0, base: "/app/time", findings: [] });
    const told = await serve({ ...parts, include: "" });
    expect(await doctor(told, "--base", "/app/time/")).toMatchObject({ code: 0, base: "/app/time" });
  });

  test("may have a policy with a nonce, or one that names its origin", async () => {
    const nonce = "script-src 'nonce-a1'; connect-src 'self'";
    const include = '<script src="/curfew/curfew.js" nonce="a1" defer></script>';
    for (const policy of [nonce, "default-src http://127.0.0.1:*"]) {
      const url = await serve({
        ...before((_request, response, next) => {
          response.set("Content-Security-Policy", policy);
          next();
        }),
        include,
      });
      expect(await doctor(url)).toMatchObject({ code: 0, findings: [] });
    }
  });
});

test("nothing is found on the demo", async () => {
  const demo = startProgram(process.execPath, [join(ROOT, "scripts/demo.mjs")], { PORT: "0" });
  try {
    const [, url = ""] = await demo.line(/^Curfew demo ready on (http:.+)$/);
    const form = new URLSearchParams({ username: "ann", password: "demo" });
    const pages = ["/", "/react", "/vue", "/api/notes"].flatMap((path) => ["--page", path]);
    const report = await doctor(url, ...pages, "--cookie", await signIn(url, "", form));
    expect(report).toMatchObject({ code: 0, findings: [], unseen: [] });
  } finally {
    await demo.stop();
  }
});

describe("the doctor", () => {
  test("follows no redirect to another origin, and tells where it led", async () => {
    const asked: unknown[] = [];
    const elsewhere = await listen((request, response) => {
      asked.push(request.url);
      response.end();
    });
    const url = await serve({
      before: (app, sessions) => {
        app.use(sessions.routes());
        app.use((_request, response) => response.redirect(`${elsewhere}/authorize?state=a-secret`));
      },
    });
    const report = await doctor(url, "--page", "/account");
    expect(asked).toEqual([]);
    expect(JSON.stringify(report)).toContain(elsewhere);
    expect(JSON.stringify(report)).not.toContain("a-secret");
  });

  test("says no cookie's value, even where the site says it", async () => {
    const url = await serve({
      before: (app) =>
        void app.use((request, response, next) => {
          if (request.path === "/account") response.redirect(`/login/${request.headers.cookie ?? "nobody"}`);
          else next();
        }),
    });
    const cookie = await signIn(url);
    const [, value = ""] = cookie.split("=");
    expect(value.length).toBeGreaterThan(20);
    for (const json of [[], ["--json"]]) {
      const { printed } = await curfew(
        "doctor",
        "--http-only",
        url,
        "--cookie",
        cookie,
        "--page",
        "/account",
        ...json,
      );
      expect(printed).toContain("/login/");
      expect(printed).not.toContain(value);
    }
  });

  test("tells a person what was asked, what came, why, what to do and where to read on", async () => {
    const { code, printed } = await curfew("doctor", "--http-only", await serve({ before: csrfLayer }));
    expect(code).toBe(1);
    expect(printed).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+\/, Curfew at \/curfew: 2 findings \(\d+ requests\)\.$/m,
    );
    expect(printed).toMatch(
      /^post-refused\n {2}asked {2}POST .*\n {2}got {4}403 .*\n {2}cause {2}.*\n {2}cure {3}.*\n {2}more {3}docs\/doctor\.md#post-refused$/m,
    );
    expect(printed).toMatch(/^Not looked at:\n {2}.*\n {4}to look: /m);
  });

  test("says what it could not look at without a browser", async () => {
    const url = await serve();
    const { code, printed } = await curfew("doctor", url, "--browser", "/nowhere/chromium");
    expect(code).toBe(0);
    expect(printed).toContain("what only a browser shows: /nowhere/chromium did not start");
    expect(printed).toContain("to look: --browser PATH of another Chromium");
  });

  test("signs in by a script alone, or by a cookie alone", async () => {
    const both = await curfew("doctor", "http://127.0.0.1", "--cookie", "a=secret", "--login", "login.js");
    expect([both.code, both.complained]).toEqual([2, expect.stringContaining("give one.")]);
  });

  test("says 2 where the site cannot be asked", async () => {
    const { code, complained } = await curfew("doctor", "--http-only", "http://127.0.0.1:1");
    expect([code, complained]).toEqual([2, "http://127.0.0.1:1 gives no answer (ECONNREFUSED).\n"]);
    const silent = await listen(() => {});
    const late = await curfew("doctor", "--http-only", silent, "--timeout", "50ms");
    expect([late.code, late.complained]).toEqual([2, `${silent} gives no answer in time.\n`]);
  });

  test.each([
    [["ftp://127.0.0.1"], /must be one of http or https/],
    [["https://ann:secret@127.0.0.1/"], /must hold no password/],
    [["http://127.0.0.1", "--base", "curfew"], /--base must be a path/],
    [["http://127.0.0.1", "--cookie", "secret"], /--cookie must be NAME=VALUE/],
    [["http://127.0.0.1", "--page", "//other.example"], /--page must be a path/],
    [["http://127.0.0.1", "--origin", "https://a.example/"], /"https:\/\/a\.example\/" is no origin/],
    [["http://127.0.0.1", "--frame", "a.example"], /"a\.example" is no origin/],
    [["http://127.0.0.1", "--resolve", "a.example"], /--resolve must be an IP address/],
    [["http://127.0.0.1", "--timeout", "10"], /--timeout is "10"; write a duration/],
    [["http://127.0.0.1", "--colour"], /unknown option/],
    [[], /missing required argument/],
  ])("says 2 to %j", async (args, words) => {
    const { code, complained } = await curfew("doctor", "--http-only", ...args);
    expect(code).toBe(2);
    expect(complained).toMatch(words);
    expect(complained).not.toContain("secret");
  });
});
