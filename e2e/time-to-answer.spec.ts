import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "@playwright/test";
import { type AuditRecord, createSessionVerifier, memoryStore } from "../src/server/index.js";
import { dialog, expect, test, wait } from "./fixtures.js";

/** The least that a policy may say. */
const POLICY = { idle: "32s", absolute: "1h", warning: "25s", heartbeat: "3s" };
const PROMISED = 25_000;
const LATENCIES = [0, 300, 3_000];
const RUNS = 30;

const PAGE = `<!doctype html><html lang="en"><title>Ward</title><script src="/curfew/curfew.js" defer></script><p>Hello</p>`;

interface Site {
  readonly url: string;
  /** By session: how much time was left when the server took an answer, by its own record. */
  readonly left: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** Each answer of the protocol takes `latency` milliseconds on its way. */
async function open(latency: number): Promise<Site> {
  const [left, lastActive] = [new Map<string, number>(), new Map<string, number>()];
  const write = ({ type, sid = "", at, lastActiveAt, intent }: AuditRecord) => {
    const before = lastActive.get(sid);
    if (type === "session_renewed" && intent === "extend" && before !== undefined && !left.has(sid))
      left.set(sid, before + 32_000 - Date.parse(at));
    if (type === "session_created" || type === "session_renewed")
      lastActive.set(sid, Date.parse(lastActiveAt ?? at));
  };
  const sessions = createSessionVerifier({
    policy: POLICY,
    store: memoryStore(),
    signInUrl: "/login",
    audit: { write },
    logger: { info: () => {}, warn: () => {}, error: console.error },
  });
  const routes = sessions.routes();
  const server = createServer((request, response) => {
    const isSlow = /^\/curfew\/(session|heartbeat|key)/.test(request.url ?? "");
    setTimeout(
      () =>
        routes(request, response, () => {
          if (request.url !== "/enter") return void response.setHeader("Content-Type", "text/html").end(PAGE);
          void sessions
            .start(request, response, { subject: crypto.randomUUID() })
            .then(({ sid }) => response.writeHead(303, { Location: `/#${sid}` }).end());
        }),
      isSlow ? latency : 0,
    );
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    left,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await sessions.close();
    },
  };
}

/** A person who presses Enter from the first moment on, until it counts. */
async function answer(browser: Browser, { url, left }: Site): Promise<void> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${url}/enter`);
  const sid = new URL(page.url()).hash.slice(1);
  await dialog(page).waitFor();
  while (!left.has(sid) && !(await dialog(page).getByText("signed you out").isVisible())) {
    await page.keyboard.press("Enter");
    await wait(100);
  }
  await context.close();
}

test("whoever answers as early as they can has all of the policy's time left, by the server's record, less what the answer itself takes", {
  tag: "@chromium",
}, async ({ browser }) => {
  const sites = await Promise.all(LATENCIES.map(open));
  // Side by side only as many as a busy machine can serve in time.
  for (const site of sites)
    await Promise.all(Array.from({ length: RUNS / sites.length }, () => answer(browser, site)));
  const left = sites.flatMap((site) => [...site.left.values()]);
  expect(left).toHaveLength(RUNS);
  for (const site of sites) console.info(`left ${[...site.left.values()].sort((a, b) => a - b).join(" ")}`);
  for (const [at, site] of sites.entries())
    expect(Math.min(...site.left.values())).toBeGreaterThanOrEqual(PROMISED - (LATENCIES[at] ?? 0));
  await Promise.all(sites.map((site) => site.close()));
});
