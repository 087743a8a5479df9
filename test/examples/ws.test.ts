import { once } from "node:events";
import type { Server } from "node:http";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import WebSocket from "ws";
import type { PolicyOptions, SessionVerifier } from "../../src/server/index.js";
import type { TestSignIn } from "../../src/testing/index.js";
import { ownTimeOf } from "../timing.js";
import { curfewServer, curfewTesting, listen, load, MINUTE, POLICY } from "./installed.js";

const { createSessionVerifier, memoryStore } = await curfewServer();
const { createTestClock, signIn } = await curfewTesting();
const { createApp } = await load<{ createApp(sessions: SessionVerifier): Server }>("ws", "src/app.ts");

const SHORT = {
  idle: "800ms",
  absolute: "10m",
  warning: "200ms",
  heartbeat: "100ms",
  unsafeForTesting: true,
};
const SILENT = { info: () => {}, warn: () => {}, error: () => {} };

async function serve(policy: PolicyOptions = POLICY, isInjected = true) {
  const clock = createTestClock();
  const store = isInjected ? memoryStore({ clock }) : memoryStore();
  const sessions = createSessionVerifier({ policy, store, signInUrl: "/", logger: SILENT });
  onTestFinished(() => sessions.close());
  const url = await listen(createApp(sessions));
  const person = (subject: string) => signIn(sessions, { subject, origin: url });
  const open = (cookie: string, origin = url) => connect(url, { cookie, origin });
  return { clock, sessions, url, person, open };
}

interface Connection {
  readonly socket: WebSocket;
  readonly received: string[];
  /** The code of the close; null while it is open. */
  code: number | null;
}

/** @throws Error with the status of the answer where the upgrade is refused */
async function connect(url: string, headers: Record<string, string>): Promise<Connection> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/chat`, { headers });
  const connection: Connection = { socket, received: [], code: null };
  onTestFinished(() => socket.terminate());
  socket.on("message", (data) => connection.received.push(String(data)));
  socket.on("close", (code) => {
    connection.code = code;
  });
  await once(socket, "open");
  return connection;
}

const refused = (status: number) => new RegExp(`Unexpected server response: ${status}`);
const lastActiveAtOf = async (person: TestSignIn) => (await person.status()).lastActiveAt;

describe("the upgrade", () => {
  test("opens for a live session", async () => {
    const { person, open } = await serve();
    const { socket, received } = await open((await person("ann")).cookie);
    socket.send("Good morning");
    await vi.waitFor(() => expect(received).toEqual(["ann: Good morning"]));
  });

  test("is refused without a session, and to one that has ended", async () => {
    const { clock, person, open } = await serve();
    await expect(open("")).rejects.toThrow(refused(401));
    await expect(open(`__Host-curfew=${"A".repeat(43)}`)).rejects.toThrow(refused(401));
    const { cookie } = await person("ann");
    clock.advance(15 * MINUTE);
    await expect(open(cookie)).rejects.toThrow(refused(401));
  });

  test("is refused to a page of another site, which would bring the cookie along", async () => {
    const { person, open, url } = await serve();
    const { cookie } = await person("ann");
    for (const origin of ["https://elsewhere.example", `${url}.elsewhere.example`, "null", ""])
      await expect(open(cookie, origin)).rejects.toThrow(refused(403));
  });

  test("is refused with 503 while the store does not answer", async () => {
    const store = memoryStore();
    const sessions = createSessionVerifier({ policy: POLICY, store, signInUrl: "/", logger: SILENT });
    const url = await listen(createApp(sessions));
    const { cookie } = await signIn(sessions, { subject: "ann", origin: url });
    vi.spyOn(store, "findBySecret").mockRejectedValue(new Error("down"));
    await expect(connect(url, { cookie, origin: url })).rejects.toThrow(refused(503));
  });
});

describe("an open socket", () => {
  test("is closed with 4401 at the deadline, however much is said and pinged on it", async () => {
    const { clock, person, open } = await serve();
    const ann = await person("ann");
    const connection = await open(ann.cookie);
    const { socket, received } = connection;
    const signedInAt = await lastActiveAtOf(ann);
    for (let minute = 1; minute < 15; minute++) {
      clock.advance(MINUTE);
      socket.ping();
      socket.send(`minute ${minute}`);
      await vi.waitFor(() => expect(received).toHaveLength(minute));
    }
    expect(await lastActiveAtOf(ann)).toBe(signedInAt);
    clock.advance(MINUTE - 1);
    socket.send("just in time");
    await vi.waitFor(() => expect(received).toHaveLength(15));
    clock.advance(1);
    socket.send("too late");
    await vi.waitFor(() => expect(connection.code).toBe(4401));
    expect(received.at(-1)).toBe("ann: just in time");
  });

  test("stays open where activity has moved the deadline", async () => {
    const { clock, person, open } = await serve();
    const ann = await person("ann");
    const connection = await open(ann.cookie);
    clock.advance(10 * MINUTE);
    expect((await ann.heartbeat()).status).toBe(200);
    clock.advance(15 * MINUTE - 1);
    connection.socket.send("still here");
    await vi.waitFor(() => expect(connection.received).toEqual(["ann: still here"]));
    expect(connection.code).toBeNull();
  });

  test("is closed by a sign-out at once, and nothing that others say reaches it any more", async () => {
    const { person, open, url } = await serve();
    const [ann, ben] = [await person("ann"), await person("ben")];
    const [hers, his] = [await open(ann.cookie), await open(ben.cookie)];
    const chatter = setInterval(() => his.socket.send("and another thing"), 1);
    onTestFinished(() => clearInterval(chatter));
    await vi.waitFor(() => expect(hers.received.length).toBeGreaterThan(10));
    const headers = { cookie: ann.cookie, origin: url, "content-type": "application/json" };
    const body = JSON.stringify({ sid: ann.sid });
    expect((await fetch(`${url}/curfew/end`, { method: "POST", headers, body })).status).toBe(204);
    his.socket.send("she is gone");
    await vi.waitFor(() => expect(his.received).toContain("ben: she is gone"));
    await vi.waitFor(() => expect(hers.code).toBe(4401));
    expect(hers.received).not.toContain("ben: she is gone");
    expect(his.code).toBeNull();
  });

  test("is closed at the deadline by the server's own clock, with nobody asking", async () => {
    const { person, open, sessions } = await serve(SHORT, false);
    const ann = await person("ann");
    const { expiresAt } = await ann.status();
    const connection = await open(ann.cookie);
    const pings = setInterval(() => connection.socket.ping(), 20);
    onTestFinished(() => clearInterval(pings));
    const leftover = expiresAt - Date.now();
    const own = await ownTimeOf(() =>
      vi.waitFor(() => expect(connection.code).toBe(4401), { timeout: 60_000, interval: 5 }),
    );
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
    expect(own - leftover).toBeLessThan(500);
    expect(await sessions.list("ann")).toEqual([]);
  });
});

test("a socket whose session nobody can ask after at the deadline is closed with 1013, and the page tries again", async () => {
  const store = memoryStore();
  const sessions = createSessionVerifier({ policy: SHORT, store, signInUrl: "/", logger: SILENT });
  onTestFinished(() => sessions.close());
  const url = await listen(createApp(sessions));
  const { cookie } = await signIn(sessions, { subject: "ann", origin: url });
  const connection = await connect(url, { cookie, origin: url });
  vi.spyOn(store, "find").mockRejectedValue(new Error("down"));
  await vi.waitFor(() => expect(connection.code).toBe(1013), { timeout: 60_000, interval: 5 });
});

describe("the event stream", () => {
  test("says what is said, and curfew-end at the end of the session, and then it is over", async () => {
    const { person, open, url, sessions } = await serve();
    const [ann, ben] = [await person("ann"), await person("ben")];
    const his = await open(ben.cookie);
    const stream = await fetch(`${url}/events`, { headers: { cookie: ann.cookie } });
    expect(stream.headers.get("content-type")).toContain("text/event-stream");
    his.socket.send("Good morning");
    await vi.waitFor(() => expect(his.received).toHaveLength(1));
    await sessions.end(ann.sid);
    his.socket.send("she is gone");
    expect(await stream.text()).toBe('data: "ben: Good morning"\n\nevent: curfew-end\ndata: {}\n\n');
  });

  test("ends at the deadline", async () => {
    const { person, url } = await serve(SHORT, false);
    const ann = await person("ann");
    const { expiresAt } = await ann.status();
    const stream = await fetch(`${url}/events`, { headers: { cookie: ann.cookie } });
    expect(await stream.text()).toBe("event: curfew-end\ndata: {}\n\n");
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
  });

  test("is refused after the end, so that the browser does not come back by itself", async () => {
    const { person, url, sessions } = await serve();
    const ann = await person("ann");
    await sessions.end(ann.sid);
    const answer = await fetch(`${url}/events`, { headers: { cookie: ann.cookie } });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ type: "urn:curfew:session-ended", reason: "revoked" });
  });
});
