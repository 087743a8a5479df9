/** What the installed `curfew init` writes: it runs, in modules and in CommonJS, and holds to the types. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, inject, test } from "vitest";
import { compileIn } from "./compile.js";
import { runNode } from "./project.js";

const consumer = inject("consumer");
const PROGRAM = join(consumer, "node_modules/curfew/dist/cli/main.js");

interface App {
  /** Before the lines that init says to add. */
  readonly begins: string;
  /** After them: the port is printed. */
  readonly ends: string;
}

const APPS: Readonly<Record<string, App>> = {
  express: {
    begins: 'import express from "express";\nconst app = express();',
    ends: `app.get("/api/me", (request, response) => { response.json({ me: request.curfew?.subject }); });
const server = app.listen(0, "127.0.0.1", () => console.log(Object(server.address()).port));`,
  },
  fastify: {
    begins: 'import fastify from "fastify";\nconst app = fastify();',
    ends: 'app.listen({ port: 0, host: "127.0.0.1" }).then((address) => console.log(new URL(address).port));',
  },
  hono: {
    begins:
      'import { Hono } from "hono";\nimport { serve } from "@hono/node-server";\nconst app = new Hono();',
    ends: `app.get("/api/me", (c) => c.json({ me: Object(c.get("curfew")).subject }));
serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => console.log(port));`,
  },
};

/** The program as an app of CommonJS would write it. */
const required = (code: string) =>
  code.replace(/^import (\{[^}]+\}|\w+) from ("[^"]+");$/gm, "const $1 = require($2);");

/** A folder in which init was run: the lines that it said to add. */
async function initiated(name: string, framework: string, manifest: object, files: readonly string[] = []) {
  const folder = join(consumer, `init-${name}`);
  mkdirSync(folder);
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ ...manifest, dependencies: { [framework]: "*" } }),
  );
  for (const file of files) writeFileSync(join(folder, file), "{}");
  const { code, stdout, stderr } = await runNode([PROGRAM, "init", "--yes", "--store", "memory"], folder);
  expect(code, stderr).toBe(0);
  const [, added = ""] = /Add to your app:\n\n([\s\S]*?)\n\nOn every page/.exec(stdout) ?? [];
  expect(added, stdout).toContain("sessions.start(");
  return { folder, added: added.replace(/^ {4}/gm, "") };
}

async function started(folder: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const child: ChildProcess = spawn(process.execPath, ["app.js"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  const [port] = (await Promise.race([once(lines, "line"), once(child, "exit").then(() => ["none"])])) as [
    string,
  ];
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      if (child.exitCode === null && child.kill()) await once(child, "close");
    },
  };
}

const rows = Object.keys(APPS).flatMap((name) => [[name, "module"] as const, [name, "commonjs"] as const]);

describe("what init writes", () => {
  test.each(rows)("for %s as %s signs in, guards, serves the script and signs out", async (name, type) => {
    const { folder, added } = await initiated(`${name}-${type}`, name, type === "module" ? { type } : {});
    const { begins = "", ends = "" } = APPS[name] ?? {};
    const own = type === "module" ? begins : required(begins);
    writeFileSync(join(folder, "app.js"), [own, added, ends].join("\n"));
    const app = await started(folder);
    try {
      const post = (path: string, cookie = "") =>
        fetch(`${app.url}${path}`, {
          method: "POST",
          redirect: "manual",
          headers: { cookie, "sec-fetch-site": "same-origin" },
        });
      const me = (cookie: string) => fetch(`${app.url}/api/me`, { headers: { cookie } });
      expect((await me("")).status).toBe(401);
      const signedIn = await post("/login");
      expect(signedIn.status).toBe(303);
      const cookie = signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? "";
      expect(await (await me(cookie)).json()).toEqual({ me: "the-user's-id" });
      expect((await fetch(`${app.url}/curfew/curfew.js`)).status).toBe(200);
      expect((await post("/logout", cookie)).status).toBe(303);
      expect((await me(cookie)).status).toBe(401);
    } finally {
      await app.stop();
    }
  });

  test.each(Object.keys(APPS))("for %s in TypeScript holds to the types", async (name) => {
    const { folder, added } = await initiated(`${name}-types`, name, { type: "module" }, ["tsconfig.json"]);
    const { begins = "", ends = "" } = APPS[name] ?? {};
    const { code, stdout } = await compileIn(join(folder, "compiled"), {
      files: [
        ["curfew.ts", readFileSync(join(folder, "curfew.ts"), "utf8")],
        ["app.ts", [begins, added, ends].join("\n")],
        ["package.json", '{ "type": "module" }'],
      ],
      skipLibCheck: true,
    });
    expect(stdout).toBe("");
    expect(code).toBe(0);
  });
});
