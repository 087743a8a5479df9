/** Things that last: sockets, streams, workers, slow requests, machines that sleep, browsers that come back. */
import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { TestBrowser } from "../server/support/test-browser.js";
import { createTestVerifier, MINUTE } from "../server/support/test-verifier.js";
import { atEnd, copyOf, STORES } from "./support/nodes.js";

const IDLE = 15 * MINUTE;

afterEach(() => {
  vi.useRealTimers();
});

describe("20: a connection on which much is said and pinged", () => {
  test("20: extends nothing by it, and hears of the end at the deadline", async () => {
    vi.useFakeTimers();
    const { sessions, clock } = createTestVerifier();
    const browser = await TestBrowser.signedIn(sessions);
    const result = await sessions.check(browser.request("/socket"));
    if (result.status !== "active") throw new Error("the session should live");
    let endedAt = 0;
    result.signal.addEventListener("abort", () => {
      endedAt = clock.now();
    });
    const { expiresAt } = browser.live;
    for (let second = 0; second < IDLE / 1_000; second++) {
      clock.advance(1_000);
      await vi.advanceTimersByTimeAsync(1_000);
      // What a socket may do with each frame or ping: ask whether the session still lives.
      await sessions.check(browser.request("/socket"));
    }
    expect(endedAt).toBe(expiresAt);
    expect(result.signal.aborted).toBe(true);
  });
});

/** A stream of events that goes on for as long as the session does. */
async function streaming(sessions: ReturnType<typeof createTestVerifier>["sessions"]) {
  const send = new Set<(text: string) => void>();
  const server = createServer((message, response) => {
    void sessions.check(message).then((result) => {
      if (result.status !== "active") return response.writeHead(401).end();
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.flushHeaders();
      const write = (text: string) => void response.write(text);
      send.add(write);
      result.signal.addEventListener("abort", () => {
        send.delete(write);
        response.end("event: curfew-end\n\n");
      });
      return response;
    });
  }).listen(0);
  atEnd(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const subscribe = async (cookie: string) => {
    const [answer] = (await once(get({ port, headers: { cookie } }), "response")) as [IncomingMessage];
    const heard: string[] = [];
    answer.setEncoding("utf8").on("data", (text: string) => heard.push(text));
    return { status: answer.statusCode, heard, closed: once(answer, "end") };
  };
  const publish = (text: string) => {
    for (const write of send) write(text);
  };
  return { subscribe, publish };
}

describe.each(STORES)("$name", ({ open }) => {
  test("21: a stream opened before the end carries nothing after it, wherever the session was ended", async () => {
    const nodes = open();
    const [here, there] = [nodes.add(), nodes.add()];
    const [ann, bob] = [await TestBrowser.signedIn(here.sessions), await TestBrowser.signedIn(here.sessions)];
    const { subscribe, publish } = await streaming(here.sessions);
    const [local, remote] = [await subscribe(ann.cookie ?? ""), await subscribe(bob.cookie ?? "")];
    publish("data: before\n\n");
    await here.sessions.end(ann.live.sid);
    await there.sessions.end(bob.live.sid);
    // The other node's end is noticed within a second, which is the lag that is told of.
    await Promise.all([local.closed, remote.closed]);
    publish("data: after\n\n");
    for (const { heard } of [local, remote])
      expect(heard.join("")).toBe("data: before\n\nevent: curfew-end\n\n");
  });

  test("22: a stream or a socket is not opened with a cookie whose session is over", async () => {
    const nodes = open();
    const { sessions } = nodes.add();
    const browser = await TestBrowser.signedIn(sessions);
    const { subscribe } = await streaming(sessions);
    nodes.clock.advance(IDLE);
    expect((await subscribe(browser.cookie ?? "")).status).toBe(401);
    const upgrade = browser.request("/socket", { headers: { "sec-websocket-key": "dGhlIHNhbXBsZQ==" } });
    expect((await sessions.check(upgrade)).status).toBe("ended");
  });

  test("23: a slow request that began before the end is told of it, and can write nothing after it", async () => {
    const nodes = open();
    const [here, there] = [nodes.add(), nodes.add()];
    const browser = await TestBrowser.signedIn(here.sessions);
    const slow = await here.sessions.check(browser.request("/report"));
    nodes.clock.advance(IDLE);
    expect((await there.sessions.check(browser.request("/api"))).status).toBe("ended");
    // The request's own work goes on unless the app listens to the signal; what it asks of the session is refused.
    if (slow.status !== "active") throw new Error("the session should have lived");
    await vi.waitFor(() => expect(slow.signal.aborted).toBe(true), 3_000);
    await expect(here.sessions.update(browser.request("/"), { roles: ["admin"] })).rejects.toMatchObject({
      code: "ended",
    });
    await expect(
      here.sessions.reauthenticate(browser.request("/"), { subject: "ann" }),
    ).rejects.toMatchObject({
      code: "ended",
    });
    expect(await there.sessions.list("ann")).toEqual([]);
  });

  test("47: with two tabs the active one keeps both, and when both rest there is one end in the audit trail", async () => {
    const nodes = open();
    const { sessions, audit } = nodes.add();
    const active = await TestBrowser.signedIn(sessions);
    const idle = copyOf(active, sessions);
    for (let turn = 0; turn < 4; turn++) {
      nodes.clock.advance(10 * MINUTE);
      expect((await idle.ask()).status).toBe(200);
      await active.ask();
      expect((await active.beat(nodes.clock.now())).status).toBe(200);
    }
    nodes.clock.advance(IDLE);
    for (const tab of [idle, active, idle]) expect((await tab.ask()).body.reason).toBe("idle");
    expect(audit.filter(({ type }) => type === "session_expired")).toHaveLength(1);
  });

  test("78: the first heartbeat after a night's sleep finds the end, with the deadline of the evening", async () => {
    const nodes = open();
    const { sessions } = nodes.add();
    const browser = await TestBrowser.signedIn(sessions);
    const { expiresAt } = browser.live;
    // The server may have slept too: its monotonic clock then stands still while the wall clock goes on.
    nodes.clock.step(8 * 60 * MINUTE);
    const { status, body } = await browser.beat(nodes.clock.now());
    expect([status, body.reason, body.endedAt]).toEqual([401, "idle", expiresAt]);
  });

  test("79: a restored browser, a duplicated tab or a cookie from a backup finds an ended session ended", async () => {
    const nodes = open();
    const { sessions } = nodes.add();
    const browser = await TestBrowser.signedIn(sessions);
    const restored = copyOf(browser, sessions);
    nodes.clock.advance(5 * MINUTE);
    // Restored in time it is the same session, with the same deadline: coming back is no activity.
    expect((await restored.ask()).body.expiresAt).toBe(browser.live.expiresAt);
    nodes.clock.advance(10 * MINUTE);
    for (const tab of [restored, browser, copyOf(browser, sessions)]) {
      expect((await tab.ask()).body.reason).toBe("idle");
      expect((await tab.beat(nodes.clock.now())).status).toBe(401);
      expect((await tab.bind()).status).toBe(401);
    }
    await expect(sessions.reauthenticate(restored.request("/"), { subject: "ann" })).rejects.toMatchObject({
      code: "ended",
    });
  });
});
