/** The backends whose programs are small enough for every run; test/houses/backends.test.ts has the others. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { send } from "../adapters/support/http-browser.js";
import { createVisitor } from "../examples/visitor.js";
import { freePort } from "../free-port.js";
import { blocksOf } from "../package/readme.js";
import { paced } from "../timing.js";
import { DJANGO, describeBackend, FLASK, PHP } from "./support/backends.js";
import { ROOT, temporaryFolder } from "./support/program.js";

for (const backend of [PHP, DJANGO, FLASK]) describeBackend(backend);

/** The page's commands, less what fetches the package, on ports that are free here. */
async function commandsOf(page: string) {
  const blocks = blocksOf(page);
  const of = (language: string) => blocks.find((block) => block.language === language)?.code ?? "";
  const ports = new Map<string, string>();
  for (const port of ["8080", "8000", "4180", "4181"]) ports.set(port, String(await freePort()));
  const moved = (text: string) =>
    text.replace(/\b(?:8080|8000|4180|4181)\b/g, (port) => ports.get(port) ?? "");
  const listen = { public: moved("127.0.0.1:4180"), private: moved("127.0.0.1:4181") };
  const curfew = `"${process.execPath}" --import "${import.meta.resolve("tsx")}" "${join(ROOT, "src/cli/main.ts")}"`;
  const lines = of("sh").split("\n");
  expect(lines[0]).toMatch(/^npm install curfew /);
  const run = lines
    .slice(1)
    .join("\n")
    .replace("npx curfew", curfew)
    .replace("flask run", "python3 -m flask run");
  return {
    url: moved("http://127.0.0.1:8080"),
    privateUrl: moved("http://127.0.0.1:4181"),
    config: JSON.stringify({ ...JSON.parse(of("json")), listen }),
    nginx: of("nginx"),
    conf: moved(readFileSync(join(ROOT, "examples/nginx/curfew.conf"), "utf8")),
    run: moved(run),
  };
}

test("the commands of docs/recipes/sidecar.md start nginx, the sidecar and Flask in an empty folder", async () => {
  const folder = temporaryFolder();
  const page = await commandsOf(readFileSync(join(ROOT, "docs/recipes/sidecar.md"), "utf8"));
  writeFileSync(folder.file("curfew.config.json"), page.config);
  writeFileSync(folder.file("nginx.conf"), page.nginx);
  mkdirSync(folder.file("node_modules/curfew/examples/nginx"), { recursive: true });
  cpSync(join(ROOT, "examples/sidecar-flask"), folder.file("node_modules/curfew/examples/sidecar-flask"), {
    recursive: true,
  });
  writeFileSync(folder.file("node_modules/curfew/examples/nginx/curfew.conf"), page.conf);

  const shell = spawn("bash", ["-c", page.run], {
    cwd: folder.path,
    detached: true, // a group of its own, so that all three can be stopped
    env: {
      ...process.env,
      CURFEW_PRIVATE: page.privateUrl,
      PATH: `/usr/bin:${process.env.PATH}`,
      PYTHONDONTWRITEBYTECODE: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: string[] = [];
  for (const stream of [shell.stdout, shell.stderr])
    stream.on("data", (text: Buffer) => said.push(String(text)));
  onTestFinished(async () => {
    if (shell.pid !== undefined) process.kill(-shell.pid);
    await once(shell, "close");
    folder.remove();
  });

  const statusOf = (path: string) =>
    send(page.url, "GET", path).then(
      ({ status }) => status,
      () => said.join(""),
    );
  await expect.poll(() => statusOf("/login"), { timeout: paced(60_000) }).toBe(200);
  await expect.poll(() => statusOf("/"), { timeout: paced(60_000) }).toBe(401); // 503 until the sidecar answers
  const visitor = createVisitor(page.url);
  const csrf_token = await visitor.tokenOn("/login", "csrf_token");
  await visitor.post("/login", { username: "ann", password: "demo", return: "/", csrf_token });
  expect((await visitor.get("/")).text).toContain("Hello, ann");
  const cookie = [...visitor.jar].map((pair) => pair.join("=")).join("; ");
  const { body } = await send(page.url, "GET", "/curfew/session", { headers: { cookie } });
  expect(body).toMatchObject({ status: "active", idleTimeout: 60_000 });
});
