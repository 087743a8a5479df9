/** Attacks by requests: forged, marked, cross-site, huge, slow. The numbers are those of docs/threat-model.md. */
import { once } from "node:events";
import { createServer, type Server, request as send } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { type createTestVerifier, IDLE, MINUTE, ORIGIN, scene } from "./support.js";

const servers: Server[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listening(sessions: ReturnType<typeof createTestVerifier>["sessions"]) {
  const [routes, guard] = [sessions.routes(), sessions.guard()];
  const server = createServer((message, response) =>
    routes(message, response, () => guard(message, response, () => response.end("secret"))),
  ).listen(0);
  servers.push(server);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

test.each([
  { "x-activity": "1" },
  { "x-curfew-activity": "true", "x-requested-with": "XMLHttpRequest" },
  { "sec-fetch-user": "?1", "sec-fetch-mode": "navigate" },
  { "sec-purpose": "prefetch" },
  { "sec-purpose": "prefetch;prerender" },
  { purpose: "prefetch", "x-moz": "prefetch" },
  { "next-router-prefetch": "1" },
])("13, 16, 17: the headers %j make no request an activity", async (headers) => {
  const { browser, sessions, clock, lastActiveAt } = await scene();
  const before = await lastActiveAt();
  clock.advance(MINUTE);
  for (const path of ["/api?activity=1", "/curfew/session?active=true&extend=1"]) {
    await sessions.check(browser.request(path, { headers }));
    const answer = await sessions.handle(browser.request(path, { headers }));
    expect(answer.headers.getSetCookie()).toEqual([]);
  }
  expect(await lastActiveAt()).toBe(before);
});

test("14: nothing that another site can send extends or ends a session", async () => {
  const { browser, sessions, clock, guarded, lastActiveAt } = await scene();
  const before = await lastActiveAt();
  clock.advance(MINUTE);
  const heartbeat = JSON.stringify({ heartbeat: await browser.heartbeat(clock.now()) });
  const end = JSON.stringify({ sid: browser.live.sid });
  const evil = "https://evil.test";
  const vectors: readonly Record<string, string>[] = [
    { "sec-fetch-site": "cross-site", origin: evil, "content-type": "application/json" },
    { "sec-fetch-site": "same-site", origin: "https://www.app.test", "content-type": "application/json" },
    { "sec-fetch-site": "none", "content-type": "application/json" },
    { origin: evil, "content-type": "application/json" },
    { origin: "null", "content-type": "application/json" },
    { "content-type": "application/json" },
    { "sec-fetch-site": "same-origin", "content-type": "text/plain" },
    { "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded" },
    { "sec-fetch-site": "same-origin", "content-type": "multipart/form-data; boundary=x" },
  ];
  for (const headers of vectors)
    for (const [path, body] of [
      ["/curfew/heartbeat", heartbeat],
      ["/curfew/end", end],
    ] as const) {
      const answer = await sessions.handle(browser.request(path, { method: "POST", headers, body }));
      expect([400, 403], JSON.stringify(headers)).toContain(answer.status);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  expect(await lastActiveAt()).toBe(before);
  expect(await guarded()).toBe("active");
});

test("15: no other method works on heartbeat, key or end", async () => {
  const { browser, sessions, guarded } = await scene();
  for (const path of ["/curfew/heartbeat", "/curfew/key", "/curfew/end"])
    for (const method of ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"]) {
      const answer = await sessions.handle(browser.request(path, { method }));
      expect([answer.status, answer.headers.get("allow")], `${method} ${path}`).toEqual([405, "POST"]);
    }
  expect(await guarded()).toBe("active");
});

test("18, 19: a worker, a beacon or a push extends at most to the last input that was signed for", async () => {
  const { browser, clock, lastActiveAt } = await scene();
  const inputAt = clock.now() + 1_000;
  clock.advance(1_000);
  const beacon = await browser.heartbeat(inputAt);
  clock.advance(10 * MINUTE);
  await browser.post("/curfew/heartbeat", { heartbeat: beacon });
  expect(await lastActiveAt()).toBe(inputAt);
});

test("37: a body over 4 KiB is 413 before anything is looked at, and a gigabyte is not kept", async () => {
  const { sessions, browser } = await scene();
  const port = await listening(sessions);
  const before = process.memoryUsage().rss;
  const client = send({
    port,
    method: "POST",
    path: "/curfew/heartbeat",
    headers: {
      "content-type": "application/json",
      "sec-fetch-site": "same-origin",
      cookie: browser.cookie ?? "",
    },
  });
  client.on("error", () => {});
  const answered = once(client, "response") as Promise<[{ statusCode: number }]>;
  const closed = once(client, "close");
  const chunk = Buffer.alloc(1024 * 1024, 97);
  let sent = 0;
  let status = 0;
  void answered.then(([{ statusCode }]) => {
    status = statusCode;
  });
  let isOpen = true;
  void closed.then(() => {
    isOpen = false;
  });
  while (isOpen && sent < 1_024) {
    sent++;
    if (!client.write(chunk)) await Promise.race([once(client, "drain").catch(() => {}), closed]);
  }
  client.destroy();
  expect(status).toBe(413);
  expect(sent).toBeLessThan(1_024);
  expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
});

test("37: a million members or a hundred thousand levels in four kilobytes are no JSON of ours", async () => {
  const { browser } = await scene();
  for (const body of [`${"[".repeat(2_000)}${"]".repeat(2_000)}`, `{${'"a":1,'.repeat(600)}"b":1}`])
    expect((await browser.post("/curfew/heartbeat", body)).status).toBe(400);
});

test("37: a body that does not come is 408, and the session is none the wiser", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { sessions, browser, guarded } = await scene();
  const port = await listening(sessions);
  const socket = connect(port);
  socket.write(
    `POST /curfew/heartbeat HTTP/1.1\r\nHost: app.test\r\nCookie: ${browser.cookie}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
  );
  const heard = once(socket, "data") as Promise<[Buffer]>;
  let answer = "";
  void heard.then(([data]) => {
    answer = data.toString();
  });
  while (answer === "") {
    await vi.advanceTimersByTimeAsync(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(answer).toMatch(/^HTTP\/1\.1 408/);
  expect(answer).toContain("urn:curfew:too-slow");
  socket.destroy();
  expect(await guarded()).toBe("active");
});

test("44: a second cookie, a plain cookie or a disguised name is never the session", async () => {
  const { sessions, browser } = await scene();
  const secret = (browser.cookie ?? "").split("=")[1] ?? "";
  const check = async (cookie: string) => {
    const result = await sessions.check(new Request(`${ORIGIN}/api`, { headers: { cookie } }));
    return result.status;
  };
  expect(await check(`__Host-curfew=${secret}`)).toBe("active");
  expect(await check(`__Host-curfew=other; __Host-curfew=${secret}`)).toBe("refused");
  expect(await check(`__Host-curfew=${secret}; __Host-curfew=${secret}`)).toBe("refused");
  for (const cookie of [
    `curfew=${secret}`,
    `__host-curfew=${secret}`,
    `__Secure-curfew=${secret}`,
    `__Host-curfew =${secret}`,
    `$Version=1; $Path="/"; __Host-curfew2=${secret}`,
    `x="; __Host-Curfew=${secret}`,
    `__Host-curfew=${encodeURIComponent(`${secret} `)}`,
  ])
    expect(await check(cookie), cookie).toBe("none");
});

test("45: the secret in a URL, a header or a body is nothing", async () => {
  const { sessions, browser } = await scene();
  const secret = (browser.cookie ?? "").split("=")[1] ?? "";
  const requests = [
    new Request(`${ORIGIN}/api?__Host-curfew=${secret}&session=${secret}`),
    new Request(`${ORIGIN}/api`, { headers: { authorization: `Bearer ${secret}`, "x-session": secret } }),
    new Request(`${ORIGIN}/api`, { method: "POST", body: `__Host-curfew=${secret}` }),
  ];
  for (const request of requests) expect((await sessions.check(request)).status).toBe("none");
});

test("50: every answer of the protocol and of the guard forbids keeping a copy", async () => {
  const { sessions, browser, clock } = await scene();
  const port = await listening(sessions);
  const ask = (path: string, cookie: string) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie } });
  const cookies = [browser.cookie ?? "", "", "__Host-curfew=unknown"];
  for (const cookie of cookies)
    for (const path of ["/api", "/curfew/session", "/curfew/heartbeat", "/curfew/none"])
      expect((await ask(path, cookie)).headers.get("cache-control"), path).toBe("no-store");
  clock.advance(IDLE);
  for (const path of ["/api", "/curfew/session"])
    expect((await ask(path, browser.cookie ?? "")).headers.get("cache-control")).toBe("no-store");
});

test("74: questions for the status extend nothing, and beyond the limit are not answered", async () => {
  const { sessions, browser, clock, lastActiveAt } = await scene();
  const before = await lastActiveAt();
  clock.advance(MINUTE);
  const statuses = new Map<number, number>();
  for (let at = 0; at < 2_000; at++) {
    const { status } = await sessions.handle(browser.request("/curfew/session"));
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  expect([...statuses.keys()].sort()).toEqual([200, 429]);
  expect(statuses.get(200)).toBeLessThanOrEqual(1_200);
  expect(await lastActiveAt()).toBe(before);
});

test("77: an answer of the protocol shows nothing that could be framed", async () => {
  const { sessions, browser } = await scene();
  for (const path of ["/curfew/session", "/curfew/none"]) {
    const answer = await sessions.handle(browser.request(path));
    expect(answer.headers.get("content-type")).toMatch(/^application\/(problem\+)?json/);
  }
});
