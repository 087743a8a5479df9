import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { transform } from "esbuild";
import { describe, expect, inject, test } from "vitest";
import { freePort } from "../free-port.js";
import { compileIn, type Files } from "./compile.js";
import { manifest, ROOT, runNode } from "./project.js";
import { type Block, blocks, blocksOf, blocksToCheck, readme } from "./readme.js";

const consumer = inject("consumer");
const linesOf = (found: readonly Block[]) =>
  found.map(({ page, line, code }) => `${page}, line ${line}: ${code}`);

test("every code block says how it is checked", () => {
  const checks = ["compile", "serve", "sidecar", "sidecar-command", "run", "demo", "install", "test-command"];
  expect(linesOf(blocks.filter(({ check = "" }) => !checks.includes(check)))).toEqual([]);
  expect([...new Set(blocks.map(({ check }) => check))].sort()).toEqual(checks.sort());
});

test("a block without a check is seen, wherever it stands", () => {
  const found = blocksOf("text\n```sh\nrm\n```\n\n<!-- check: run -->\n```js\n1;\n2;\n```\n");
  expect(found).toEqual([
    { page: "text", line: 2, language: "sh", check: undefined, code: "rm" },
    { page: "text", line: 7, language: "js", check: "run", code: "1;\n2;" },
  ]);
});

describe("blocks to compile", () => {
  const typed = [...blocksToCheck("compile"), ...blocksToCheck("serve")].filter(({ language }) =>
    ["ts", "tsx"].includes(language),
  );
  const pages = blocksToCheck("compile").filter(({ language }) => language === "html");

  test("are TypeScript or HTML", () => {
    expect(typed.length).toBeGreaterThan(0);
    expect(pages.length).toBeGreaterThan(0);
    expect(typed.length + pages.length).toBe(blocksToCheck("compile").length + blocksToCheck("serve").length);
  });

  test("hold to the types of the installed package, in strict mode", async () => {
    const { code, stdout } = await compile(
      typed.map(({ page, line, language, code }) => [`${page}-line-${line}.${language}`, code]),
    );
    expect(stdout).toBe("");
    expect(code).toBe(0);
  });

  test("would not pass with a mistake in them", async () => {
    const { stdout } = await compile([
      ["wrong.ts", 'import { attachWarning } from "curfew/warning";\nattachWarning(1);'],
    ]);
    expect(stdout).toContain("wrong.ts(2,15): error TS2345");
  });

  test.each(pages)("load scripts that the server serves: $page, line $line", async ({ code }) => {
    const sources = [...code.matchAll(/<script\b[^>]*\ssrc="([^"]+)"/g)].map(([, source = ""]) => source);
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) expect(await served(source)).toBe("200 text/javascript; charset=utf-8");
  });
});

/** What the block about an app's own sessions takes from the app. */
const OWN_SESSIONS = `
  import type { Identity } from "curfew/server";
  export declare const ownSessions: {
    of(request: Request): Promise<Identity | null>;
    destroy(id: string | null): Promise<void>;
  };
`;

/** Type-checks these files in the project that has installed Curfew. */
function compile(files: Files) {
  return compileIn(join(consumer, `compile-${files[0]?.[0]}`), {
    files: [...files, ["own-sessions.ts", OWN_SESSIONS]],
    skipLibCheck: false,
  });
}

/** How the installed verifier answers for `path`: the status and the content type. */
async function served(path: string): Promise<string> {
  const ask = `
    const { createSessionVerifier } = await import("curfew/server");
    const policy = { idle: "15m", absolute: "12h" };
    const sessions = createSessionVerifier({ policy, signInUrl: "/login" });
    const response = await sessions.handle(new Request("http://localhost" + process.argv[1]));
    console.log(response?.status, response?.headers.get("content-type"));
    await sessions.close();
  `;
  const { stdout, stderr } = await runNode(["--input-type=module", "-e", ask, path], consumer);
  return stdout.trim() || stderr;
}

describe("blocks that serve", () => {
  test.each(blocksToCheck("serve"))(
    "sign in, guard and refuse: $page, line $line",
    async ({ page, line, code }) => {
      const { url, stop } = await serve(`serve-${page}-line-${line}`, code);
      try {
        const refused = await fetch(`${url}/api/me`);
        expect([refused.status, refused.headers.get("cache-control")]).toEqual([401, "no-store"]);
        expect(await refused.json()).toMatchObject({ type: "urn:curfew:no-session", signInUrl: "/login" });
        expect(await navigate(`${url}/api/me`)).toEqual([303, "/login?return=%2Fapi%2Fme"]);
        const signedIn = await fetch(`${url}/login`, { method: "POST", redirect: "manual" });
        expect(signedIn.status).toBe(303);
        const cookie = signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? "";
        expect(cookie).toMatch(/^__Host-curfew=/);
        const passed = await fetch(`${url}/api/me`, { headers: { cookie } });
        expect([passed.status, await passed.text()]).toEqual([200, expect.stringContaining("the-user's-id")]);
        const status = await fetch(`${url}/curfew/session`, { headers: { cookie } });
        expect(await status.json()).toMatchObject({ status: "active", idleTimeout: 900_000 });
        expect((await fetch(`${url}/curfew/curfew.js`)).status).toBe(200);
      } finally {
        await stop();
      }
    },
  );

  test("show a person a sign-in form and a page, each with the client, in the README's app", async () => {
    const [block] = blocksToCheck("serve").filter(({ page }) => page === "readme");
    const { url, stop } = await serve("serve-readme-pages", block?.code ?? "");
    try {
      expect(await navigate(url)).toEqual([303, "/login"]);
      const form = await (await fetch(`${url}/login`)).text();
      expect(form).toContain('<form method="post"><button>');
      const signedIn = await fetch(`${url}/login`, { method: "POST", redirect: "manual" });
      const cookie = signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? "";
      const home = await (await fetch(url, { headers: { cookie } })).text();
      for (const html of [form, home]) expect(html).toContain('<script src="/curfew/curfew.js" defer>');
    } finally {
      await stop();
    }
  });

  test("take the policy for a first look, which warns within a minute", async () => {
    const [, policy = ""] = /For a first look write `(\{ idle: "1m".*?\})`/.exec(readme) ?? [];
    const make = `
      const { createSessionVerifier } = await import("curfew/server");
      const sessions = createSessionVerifier({ policy: ${policy}, signInUrl: "/login" });
      await sessions.close();
    `;
    const { code, stderr } = await runNode(["--input-type=module", "-e", make], consumer);
    expect(code, stderr).toBe(0);
  });

  test("are there for every framework", () => {
    const rooms = blocksToCheck("serve").map(
      ({ code }) => /createSessionVerifier \} from "([^"]+)"/.exec(code)?.[1],
    );
    const frameworks = ["curfew/server", "curfew/server/fastify", "curfew/server/hono"];
    expect(new Set(rooms)).toEqual(new Set(frameworks));
    expect(rooms).toHaveLength(4);
  });
});

describe("the sidecar's configuration and command", () => {
  test("serve the protocol, start a session and check it", async () => {
    const [block] = blocksToCheck("sidecar");
    expect(blocksToCheck("sidecar-command").map(({ code }) => code)).toEqual([
      "npx curfew serve --config curfew.config.json",
    ]);
    const token = "a-service-token-of-40-characters-or-more";
    const { publicUrl, privateUrl, stop } = await sidecar(block?.code ?? "", token);
    try {
      const none = await fetch(`${publicUrl}/curfew/session`);
      expect(await none.json()).toEqual({ v: 1, status: "none" });
      expect((await fetch(`${privateUrl}/check`)).status).toBe(401);
      const started = await fetch(`${privateUrl}/sessions`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: '{ "subject": "ann" }',
      });
      const { setCookie } = (await started.json()) as { setCookie: string[] };
      const cookie = setCookie[0]?.split(";")[0] ?? "";
      const passed = await fetch(`${privateUrl}/check`, { headers: { cookie } });
      expect([passed.status, passed.headers.get("curfew-subject")]).toEqual([204, "ann"]);
    } finally {
      await stop();
    }
  });
});

/** Runs the installed command on a configuration, on ports that are free. */
async function sidecar(json: string, token: string) {
  const folder = join(consumer, "sidecar");
  mkdirSync(folder);
  const [publicPort, privatePort] = [await freePort(), await freePort()];
  const listen = { public: `127.0.0.1:${publicPort}`, private: `127.0.0.1:${privatePort}` };
  const config = join(folder, "curfew.config.json");
  writeFileSync(config, JSON.stringify({ ...JSON.parse(json), listen }));
  const program = join(consumer, "node_modules/curfew", manifest.bin.curfew ?? "");
  const child = spawn(process.execPath, [program, "serve", "--config", config], {
    cwd: folder,
    env: { ...process.env, CURFEW_SERVICE_TOKEN: token },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const ended = once(child, "exit");
  const privateUrl = `http://127.0.0.1:${privatePort}`;
  await expect.poll(() => statusOf(`${privateUrl}/readyz`), { timeout: 20_000 }).toBe(200);
  return {
    publicUrl: `http://127.0.0.1:${publicPort}`,
    privateUrl,
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** 0 where nobody answers. */
function statusOf(url: string): Promise<number> {
  return fetch(url).then(
    ({ status }) => status,
    () => 0,
  );
}

/** Runs a block as an app of its own, and waits until it answers. */
async function serve(name: string, code: string) {
  const folder = join(consumer, name);
  mkdirSync(folder);
  const { code: script } = await transform(code, { loader: "ts" });
  writeFileSync(join(folder, "app.js"), script);
  const port = await freePort();
  const app = spawn(process.execPath, ["app.js"], {
    cwd: folder,
    env: { ...process.env, PORT: String(port) },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const ended = once(app, "exit");
  const url = `http://127.0.0.1:${port}`;
  await expect.poll(() => statusOf(`${url}/curfew/session`), { timeout: 20_000 }).toBe(200);
  return {
    url,
    async stop() {
      app.kill();
      await ended;
    },
  };
}

/** Asks as a browser does when a person follows a link; `fetch` would say that it is a script. */
async function navigate(url: string): Promise<readonly [number | undefined, string | undefined]> {
  const request = get(url, { headers: { accept: "text/html", "sec-fetch-mode": "navigate" } });
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  answer.resume();
  return [answer.statusCode, answer.headers.location];
}

describe("blocks to run", () => {
  test.each(blocksToCheck("run"))(
    "print what their comments say: $page, line $line",
    async ({ page, line, code }) => {
      const expected = [...code.matchAll(/console\.log\(.*\);?\s*\/\/ (.*)$/gm)].map(
        ([, comment]) => comment,
      );
      expect(expected.length).toBeGreaterThan(0);
      const file = join(consumer, `run-${page}-line-${line}.js`);
      writeFileSync(file, code);
      const { code: exitCode, stdout } = await runNode([file], consumer);
      expect(stdout.trimEnd().split("\n")).toEqual(expected);
      expect(exitCode).toBe(0);
    },
  );
});

describe("the commands", () => {
  test("the one that installs names this package, as the project did that these blocks run in", () => {
    expect(blocksToCheck("install").map(({ code }) => code)).toEqual([`npm install ${manifest.name}`]);
  });

  test("the demo's is a script of the package, and starts a demo that answers", async () => {
    expect(blocksToCheck("demo").map(({ code }) => code)).toEqual(["npm run demo"]);
    expect(manifest.scripts.demo).toBe("node scripts/demo.mjs");
    expect(await statusOfDemo("/login")).toBe(200);
  });

  test("the tests' is the one that continuous integration calls", () => {
    expect(blocksToCheck("test-command").map(({ code }) => code)).toEqual(["npm test"]);
    expect(manifest.scripts.test).toBe("node scripts/test.mjs");
    expect(readFileSync(join(ROOT, ".ci/run"), "utf8").split("\n")).toContain("npm test");
  });
});

/** Starts the demo on a free port, asks it for `path`, and stops it. */
async function statusOfDemo(path: string): Promise<number> {
  const demo = spawn(process.execPath, ["scripts/demo.mjs"], {
    cwd: ROOT,
    env: { ...process.env, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(demo, "exit");
  try {
    const response = await fetch(new URL(path, await addressFrom(demo.stdout)));
    return response.status;
  } finally {
    demo.kill();
    await ended;
  }
}

/** @throws Error when the output ends without an address */
async function addressFrom(output: AsyncIterable<Buffer>): Promise<string> {
  let text = "";
  for await (const chunk of output) {
    text += chunk.toString();
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
    if (address !== undefined) return address;
  }
  throw new Error(`The demo did not say where it is:\n${text}`);
}
