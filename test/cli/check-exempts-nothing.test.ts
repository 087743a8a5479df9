/** The sidecar's check lets nobody pass without a live session, whatever the proxy's request says of the browser's. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "./support/program.js";
import { BASIC, type RunningSidecar, startSidecar } from "./support/sidecar.js";

const PAGES = "https://pages.example";
const folder = temporaryFolder();
let sidecar: RunningSidecar;

beforeAll(async () => {
  sidecar = await startSidecar(folder, { ...BASIC, origins: [PAGES] });
});

afterAll(async () => {
  await sidecar.program.stop();
  folder.remove();
});

const METHODS = ["OPTIONS", "HEAD", "TRACE", "GET", "POST", "PROPFIND", "QUERY", "BREW", ""];
const PATHS = [
  "/",
  "/curfew/session",
  "/curfew/../payroll",
  "/login",
  "/login/../payroll",
  "/LOGIN",
  "/%00",
  "*",
  "",
];
const SAID: readonly Readonly<Record<string, string>>[] = [
  {},
  { origin: PAGES, "access-control-request-method": "GET" },
  { "access-control-request-method": "GET" },
  { "x-http-method-override": "OPTIONS" },
  { "sec-purpose": "prefetch" },
  { connection: "Upgrade", upgrade: "websocket" },
  { "hx-request": "true" },
  { cookie: "__Host-curfew=; __Host-curfew.end=x" },
];

test("/check answers 2xx to nothing but a live session", async () => {
  const asked = METHODS.flatMap((method) =>
    PATHS.flatMap((path) => SAID.map((said) => ({ method, path, said }))),
  );
  const passed: unknown[] = [];
  for (const mode of ["plain", "nginx", "forward"]) {
    for (const { method, path, said } of asked) {
      const headers = { ...said, "x-original-method": method, "x-original-uri": path };
      const { status = 0 } = await sidecar.check(null, `?mode=${mode}`, { ...headers });
      if (status < 300) passed.push({ mode, method, path, said });
    }
  }
  expect(passed).toEqual([]);
});

test.each(METHODS.filter((method) => method !== ""))(
  "a proxy that asks by %s itself gets no 2xx either",
  async (method) => {
    const headers = { origin: PAGES, "access-control-request-method": "GET", "x-original-uri": "/payroll" };
    const status = await sidecar.ask(method, "/check", { headers }).then(
      (answer) => answer.status ?? 0,
      () => 0,
    );
    expect(status >= 200 && status < 300).toBe(false);
  },
);
