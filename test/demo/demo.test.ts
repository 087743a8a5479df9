/** The demo from the outside: `npm run demo` as a process, a whole visit over HTTP. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const SCRIPT = fileURLToPath(new URL("../../scripts/demo.mjs", import.meta.url));
/** The first start may have to build the package. */
const START = 120_000;
const READY = /^Curfew demo ready on (http:\/\/127\.0\.0\.1:\d+)$/;

function run(env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [SCRIPT], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function readyUrl({ stdout, stderr }: ChildProcess): Promise<string> {
  if (stdout === null || stderr === null) throw new Error("the demo has no output");
  const said: string[] = [];
  stderr.on("data", (data) => said.push(String(data)));
  for await (const line of createInterface({ input: stdout })) {
    const url = READY.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`the demo did not start:\n${said.join("")}`);
}

async function failureOf(env: Readonly<Record<string, string>>): Promise<{ code: unknown; words: string }> {
  const demo = run(env);
  const said: string[] = [];
  demo.stderr?.on("data", (data) => said.push(String(data)));
  const [code] = await once(demo, "close");
  return { code, words: said.join("") };
}

/** A browser of the simplest kind: it keeps the session cookie and follows no redirect. */
function visitor(url: string) {
  let cookie = "";
  return async (method: string, path: string, { form, json, headers = {} }: Sending = {}) => {
    const body = json === undefined ? form && new URLSearchParams(form) : JSON.stringify(json);
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: "manual",
      headers: {
        ...(cookie === "" ? {} : { Cookie: cookie }),
        ...(json === undefined ? {} : { "Content-Type": "application/json" }),
        ...(method === "GET" ? {} : { "Sec-Fetch-Site": "same-origin" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    for (const set of response.headers.getSetCookie())
      if (set.startsWith("curfew=")) cookie = set.split(";")[0] ?? "";
    return response;
  };
}

interface Sending {
  readonly form?: Record<string, string>;
  readonly json?: unknown;
  readonly headers?: Record<string, string>;
}

describe("the demo", () => {
  let demo: ChildProcess;
  let url: string;

  beforeAll(async () => {
    demo = run({ PORT: "0", CURFEW_COOKIE: "plain", CURFEW_FRESH: "1ms" });
    url = await readyUrl(demo);
  }, START);

  afterAll(async () => {
    demo.kill("SIGTERM");
    if (demo.exitCode === null) await once(demo, "exit");
    expect(demo.exitCode).toBe(0);
  });

  test("sends who is signed out from every page to the form, and back to that page after it", async () => {
    const visit = visitor(url);
    expect((await visit("GET", "/")).headers.get("Location")).toBe("/login");
    const refused = await visit("GET", "/react");
    expect([refused.status, refused.headers.get("Location")]).toEqual([303, "/login?return=%2Freact"]);
    const form = { username: "ana", password: "demo", return: "/react" };
    expect((await visit("POST", "/login", { form })).headers.get("Location")).toBe("/react");
  });

  test("goes back to none but its own pages after a sign-in", async () => {
    const form = { username: "ana", password: "demo", return: "//evil.example" };
    expect((await visitor(url)("POST", "/login", { form })).headers.get("Location")).toBe("/");
  });

  test("shows the form again, with the reason, for a wrong password", async () => {
    const answer = await visitor(url)("POST", "/login", { form: { username: "<b>", password: "no" } });
    const page = await answer.text();
    expect(answer.status).toBe(401);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(page).toContain("That password is not right");
    expect(page).toContain('value="&#60;b&#62;"');
  });

  test("walks from the sign-in to the sign-out", async () => {
    const visit = visitor(url);
    expect((await visit("GET", "/api/notes")).status).toBe(401);
    const signedIn = await visit("POST", "/login", { form: { username: "ana", password: "demo" } });
    expect([signedIn.status, signedIn.headers.get("Location")]).toEqual([303, "/"]);

    const page = await visit("GET", "/");
    expect(page.headers.get("Cache-Control")).toBe("no-store");
    expect(await page.text()).toContain("unsafe-banner");
    expect((await visit("PUT", "/api/notes/1", { json: { text: "changed" } })).status).toBe(204);
    expect(await (await visit("GET", "/api/notes")).json()).toMatchObject({
      notes: [{ id: "1", text: "changed" }, {}, {}],
    });

    const transfer = await visit("POST", "/api/transfer");
    expect(transfer.status).toBe(401);
    expect(transfer.headers.get("WWW-Authenticate")).toContain("insufficient_user_authentication");
    expect((await visit("POST", "/reauth", { form: { password: "wrong" } })).status).toBe(401);
    expect((await visit("POST", "/reauth", { form: { password: "demo" } })).status).toBe(303);

    const signedOut = await visit("POST", "/logout");
    expect([signedOut.status, signedOut.headers.get("Location")]).toEqual([303, "/login"]);
    expect(signedOut.headers.getSetCookie().join()).toMatch(/^curfew=; Max-Age=0;/);
    expect((await visit("GET", "/api/notes")).status).toBe(401);
  });

  test("ends the session at the sign-out, not only its cookie", async () => {
    const visit = visitor(url);
    const signedIn = await visit("POST", "/login", { form: { username: "ben", password: "demo" } });
    const Cookie = signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    await visit("POST", "/logout");
    const answer = await visitor(url)("GET", "/api/notes", { headers: { Cookie } });
    expect(await answer.json()).toMatchObject({ type: "urn:curfew:session-ended", reason: "signed-out" });
  });

  test("accepts posts from its own origin only", async () => {
    const form = { username: "ana", password: "demo" };
    const post = async (headers: Record<string, string>) => {
      const response = await fetch(`${url}/login`, {
        method: "POST",
        redirect: "manual",
        headers: { "Content-Type": "application/x-www-form-urlencoded", ...headers },
        body: new URLSearchParams(form).toString(),
      });
      return response.status;
    };
    expect(await post({ Origin: url })).toBe(303);
    expect(await post({})).toBe(403);
    expect(await post({ Origin: "https://evil.example" })).toBe(403);
    expect(await post({ Origin: url, "Sec-Fetch-Site": "cross-site" })).toBe(403);
    expect(await post({ "Sec-Fetch-Site": "same-site" })).toBe(403);
  });

  test("gives the trail as a page and, when asked, as JSON, oldest first", async () => {
    const visit = visitor(url);
    await visit("POST", "/login", { form: { username: "cem", password: "demo" } });
    const records = await (await visit("GET", "/audit", { headers: { Accept: "application/json" } })).json();
    expect(records[0]).toMatchObject({ type: "policy_in_force", unsafeForTesting: true });
    expect(records.at(-1)).toMatchObject({ type: "session_created" });
    const page = await visit("GET", "/audit", { headers: { Accept: "text/html" } });
    expect(await page.text()).toContain("<code>session_created</code>");
  });

  test.each(["/", "/react", "/vue", "/audit", "/alerts", "/login"])(
    "serves %s without inline scripts or styles",
    async (path) => {
      const visit = visitor(url);
      await visit("POST", "/login", { form: { username: "dia", password: "demo" } });
      const page = await visit("GET", path);
      expect(page.headers.get("Content-Security-Policy")).toBe(
        "default-src 'self'; require-trusted-types-for 'script'",
      );
      const markup = await page.text();
      expect(markup).not.toMatch(/<style|style=|<script(?![^>]* src=)|\son\w+=/);
      for (const [, source] of markup.matchAll(/(?:src|rel="stylesheet" href)="([^"]+)"/g))
        expect([source, (await visit("GET", String(source))).status]).toEqual([source, 200]);
    },
  );

  test(
    "says which port is in use and what to do",
    async () => {
      const failure = await failureOf({ PORT: new URL(url).port });
      expect(failure.code).toBe(1);
      expect(failure.words).toContain(`Port ${new URL(url).port} is in use.`);
    },
    START,
  );
});

describe("the demo's way back to work", () => {
  test(
    "transfers once the password has just been given",
    async () => {
      const demo = run({ PORT: "0", CURFEW_COOKIE: "plain", CURFEW_STORE: "memory:" });
      const visit = visitor(await readyUrl(demo));
      await visit("POST", "/login", { form: { username: "ana", password: "demo" } });
      await visit("POST", "/reauth", { form: { password: "demo" } });
      expect(await (await visit("POST", "/api/transfer")).json()).toMatchObject({ to: "City Hospital" });
      demo.kill("SIGINT");
      expect(await once(demo, "exit")).toEqual([0, null]);
    },
    START,
  );

  test(
    "does not start with a mistake in its environment, and names it",
    async () => {
      const failure = await failureOf({ PORT: "0", CURFEW_IDLE: "soon" });
      expect(failure).toEqual({
        code: 1,
        words:
          'The demo cannot start.\nCURFEW_IDLE is "soon"; write a number and its unit, such as CURFEW_IDLE=4s, CURFEW_IDLE=15m or CURFEW_IDLE=100ms\n',
      });
    },
    START,
  );
});
