/** Which connections are watched: those that are open, and the signals that somebody listens to. */
import { once } from "node:events";
import { createServer, get, type IncomingMessage, request, type Server } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import express from "express";
import { afterEach, expect, test, vi } from "vitest";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionStore } from "../../src/server/stores/store.js";
import { until } from "../stores/support/redis-server.js";
import { TestBrowser } from "./support/test-browser.js";
import { createTestVerifier } from "./support/test-verifier.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const MANY = 20;
const LOOK_INTERVAL = 1_000;
const ends: (() => unknown)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const end of ends.splice(0).reverse()) await end();
});

/** Two nodes on one store; the sessions that the first one looks at. */
function nodes(changes: Partial<SessionStore> = {}) {
  const store = { ...memoryStore(), ...changes };
  const looked = new Set<string>();
  const find = async (sid: string) => {
    looked.add(sid);
    return store.find(sid);
  };
  const here = createTestVerifier({ store: { ...store, find } }).sessions;
  const there = createTestVerifier({ store }).sessions;
  ends.push(
    () => here.close(),
    () => there.close(),
  );
  return { here, there, looked };
}

async function listening(server: Server): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const signedIn = (sessions: ReturnType<typeof nodes>["here"], count: number) =>
  Promise.all([...Array(count)].map(() => TestBrowser.signedIn(sessions, { bind: false })));

/** No session is looked at any more: for some looks after each other. */
async function expectUnwatched(looked: Set<string>): Promise<void> {
  await until(async () => {
    looked.clear();
    await new Promise((resolve) => setTimeout(resolve, 2 * LOOK_INTERVAL + 200));
    return looked.size === 0;
  }, "sessions are looked at although nobody is there any more");
}

/** As most apps write it: the listener stays where it is. */
function streamTo(
  signal: AbortSignal,
  response: { write(text: string): unknown; end(text: string): unknown },
) {
  response.write("data: hello\n\n");
  signal.addEventListener("abort", () => response.end("event: curfew-end\n\n"));
}

async function subscribe(port: number, cookie: string | null): Promise<IncomingMessage> {
  const asked = get({ port, host: "127.0.0.1", agent: false, headers: { cookie: cookie ?? "" } });
  asked.on("error", () => {});
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  answer.on("error", () => {}).resume();
  return answer;
}

test("streams whose browsers have gone are watched no more, and one that is there hears of an end on another node", async () => {
  const { here, there, looked } = nodes();
  const port = await listening(
    createServer((message, response) => {
      void here.check(message).then((found) => {
        if (found.status === "active") streamTo(found.signal, response);
      });
    }),
  );
  const browsers = await signedIn(here, MANY);
  const answers = await Promise.all(browsers.map(({ cookie }) => subscribe(port, cookie)));
  const [stays, ...others] = answers;
  for (const answer of others) answer.destroy();
  await until(async () => {
    looked.clear();
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL + 200));
    return looked.size === 1;
  }, "the streams that are closed are watched");
  const ended = once(stays as IncomingMessage, "end");
  await there.end(browsers[0]?.live.sid ?? "");
  await ended;
  await expectUnwatched(looked);
});

test("streams of an app on Express, too", async () => {
  const { here, looked } = nodes();
  const app = express();
  app.get("/", async (message, response) => {
    const found = await here.check(message);
    if (found.status === "active") streamTo(found.signal, response);
  });
  const port = await listening(createServer(app));
  const browsers = await signedIn(here, MANY);
  const answers = await Promise.all(browsers.map(({ cookie }) => subscribe(port, cookie)));
  for (const answer of answers) answer.destroy();
  await expectUnwatched(looked);
});

test("streams over HTTP/2, too: their connection stays open", async () => {
  const { here, looked } = nodes();
  const server = createHttp2Server((message, response) => {
    void here.check(message as unknown as IncomingMessage).then((found) => {
      if (found.status === "active") streamTo(found.signal, response);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  ends.push(() => server.close());
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  ends.push(() => client.close());
  const browsers = await signedIn(here, MANY);
  const streams = await Promise.all(
    browsers.map(async ({ cookie }) => {
      const stream = client.request({ cookie: cookie ?? "" });
      stream.on("error", () => {});
      await once(stream, "response");
      return stream;
    }),
  );
  for (const stream of streams) stream.destroy();
  await expectUnwatched(looked);
});

test("sockets that are closed are watched no more, though their listeners stay", async () => {
  const { here, there, looked } = nodes();
  const server = createServer();
  server.on("upgrade", (message, socket) => {
    // As libraries for sockets do: they read, and close when the other side has.
    socket.on("error", () => {}).on("end", () => socket.end());
    socket.resume();
    void here.check(message).then((found) => {
      if (found.status !== "active") return socket.destroy();
      found.signal.addEventListener("abort", () => socket.end());
      return socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: chat\r\nConnection: Upgrade\r\n\r\n");
    });
  });
  const port = await listening(server);
  const browsers = await signedIn(here, MANY);
  const sockets = await Promise.all(
    browsers.map(async ({ cookie }) => {
      const headers = { cookie: cookie ?? "", upgrade: "chat", connection: "Upgrade" };
      const asked = request({ port, host: "127.0.0.1", agent: false, headers });
      asked.end();
      const [, socket] = (await once(asked, "upgrade")) as [IncomingMessage, IncomingMessage["socket"]];
      return socket.on("error", () => {}).resume();
    }),
  );
  const closed = once(sockets[0] as IncomingMessage["socket"], "close");
  await there.end(browsers[0]?.live.sid ?? "");
  await closed;
  for (const socket of sockets) socket.destroy();
  await expectUnwatched(looked);
});

test("requests of fetch-style runtimes that were given up are watched no more", async () => {
  const { here, looked } = nodes();
  const browsers = await signedIn(here, MANY);
  const calls = browsers.map(() => new AbortController());
  for (const [at, browser] of browsers.entries()) {
    const found = await here.check(
      new Request(browser.request("/"), { signal: (calls[at] as AbortController).signal }),
    );
    if (found.status === "active") found.signal.addEventListener("abort", () => {});
  }
  for (const call of calls) call.abort();
  await expectUnwatched(looked);
});

test("work that goes on after the answer hears of the end as long as it listens, and then is watched no more", async () => {
  const { here, there, looked } = nodes();
  const heard: string[] = [];
  const jobs: AbortSignal[] = [];
  const port = await listening(
    createServer((message, response) => {
      void here.check(message).then((found) => {
        if (found.status !== "active") return response.end();
        const { signal, session } = found;
        if (message.url === "/job") signal.addEventListener("abort", () => heard.push(session.sid));
        else if (message.url === "/kept") jobs.push(signal);
        return response.writeHead(202).end();
      });
    }),
  );
  const [job, kept, dropped] = await signedIn(here, 3);
  const ask = async (path: string, browser: TestBrowser | undefined) => {
    const headers = { cookie: browser?.cookie ?? "" };
    await fetch(`http://127.0.0.1:${port}${path}`, { headers });
  };
  await ask("/job", job);
  await ask("/kept", kept);
  await ask("/dropped", dropped);
  await until(async () => {
    collectGarbage();
    looked.clear();
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL + 200));
    return looked.size === 2;
  }, "a signal that nobody has is watched");
  collectGarbage();
  await there.end(job?.live.sid ?? "");
  await there.end(kept?.live.sid ?? "");
  await until(() => heard.length === 1 && jobs[0]?.aborted === true, "the work hears of no end");
  expect(heard).toEqual([job?.live.sid]);
  await expectUnwatched(looked);
});

test("a signal of whose connection nobody can tell is kept for a while, and then as long as somebody listens", async () => {
  vi.useFakeTimers();
  const { here, there, looked } = nodes();
  const [listens, other] = await signedIn(here, 2);
  const heard: string[] = [];
  for (const browser of [listens, other]) {
    const found = await here.check((browser as TestBrowser).request("/"));
    if (found.status === "active" && browser === listens)
      found.signal.addEventListener("abort", () => heard.push(found.session.sid));
    else if (found.status === "active") expect(found.signal.aborted).toBe(false);
  }
  await vi.advanceTimersByTimeAsync(50_000);
  looked.clear();
  await vi.advanceTimersByTimeAsync(2 * LOOK_INTERVAL);
  expect(looked.size).toBe(2);
  await vi.advanceTimersByTimeAsync(20_000);
  collectGarbage();
  vi.useRealTimers();
  // What a weak reference has led to is kept until the task is over.
  await new Promise((resolve) => setTimeout(resolve, 10));
  collectGarbage();
  await there.end(listens?.live.sid ?? "");
  await there.end(other?.live.sid ?? "");
  expect(heard).toEqual([]);
});
