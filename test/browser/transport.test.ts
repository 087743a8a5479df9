/** What an answer is taken for; above all, what is never taken for an end. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createTransport } from "../../src/browser/verifier/transport.js";
import { FakeClock, settle } from "./fake-clock.js";

let clock: FakeClock;
const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();

beforeEach(() => {
  clock = new FakeClock();
  hidden = false;
  fetched.mockReset();
  vi.stubGlobal("fetch", fetched);
});
afterEach(() => vi.unstubAllGlobals());

let hidden = false;
const transport = () =>
  createTransport({ base: "https://app.example/curfew", clock, isHidden: () => hidden });
const answer = (body: unknown, init: ResponseInit = {}) =>
  fetched.mockResolvedValue(new Response(typeof body === "string" ? body : JSON.stringify(body), init));

test("asks with cookies, past every cache, and follows no redirect", async () => {
  answer({ v: 1, status: "none" });
  expect(await transport().session("a/b")).toEqual({ type: "none" });
  const [url, init] = fetched.mock.calls[0] ?? [];
  expect(url).toMatch(/^https:\/\/app\.example\/curfew\/session\?ask=\w+&was=a%2Fb$/);
  expect(init).toMatchObject({ credentials: "include", cache: "no-store", redirect: "error" });
});

test("posts JSON, so that one preflight serves for many", async () => {
  answer("", { status: 200 });
  await transport().sendHeartbeat("a.b.c");
  await transport().bindKey("d.e.f");
  await transport().end("sid-1", "subject");
  expect(fetched.mock.calls.map(([url, { body }]) => [url.slice(26), body])).toEqual([
    ["/heartbeat", '{"heartbeat":"a.b.c"}'],
    ["/key", '{"binding":"d.e.f"}'],
    ["/end", '{"sid":"sid-1","scope":"subject"}'],
  ]);
  const { method, headers } = fetched.mock.calls[0]?.[1] ?? {};
  expect(fetched.mock.calls[0]?.[1]).not.toHaveProperty("cache");
  expect([method, headers]).toEqual(["POST", { "content-type": "application/json" }]);
});

test.each([
  ["a captive portal's page", "<html>Welcome to the airport", 200],
  ["a proxy's 401", "<html>Sign in to the proxy", 401],
  ["a 401 in another JSON", '{"error":"unauthorized"}', 401],
  ["a 500", "oops", 500],
  ["a 502 with JSON", '{"status":"none"}', 502],
  ["a status of another version", '{"v":9,"status":"none"}', 200],
])("takes %s for no answer", async (_what, body, status) => {
  answer(body, { status });
  expect(await transport().session(null)).toEqual({
    type: "unreachable",
    code: "unreachable",
    retryAfter: 0,
    cause: status,
  });
});

test("takes a network error for no answer", async () => {
  fetched.mockRejectedValue(new TypeError("Failed to fetch"));
  expect(await transport().session(null)).toMatchObject({ type: "unreachable", cause: "network" });
  vi.stubGlobal("navigator", { onLine: false });
  expect(await transport().session(null)).toMatchObject({ type: "unreachable", cause: "offline" });
});

test("gives up after 4 s", async () => {
  fetched.mockImplementation(
    (_url, { signal }) =>
      new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
  );
  const asking = transport().session(null);
  await clock.advance(3999);
  expect(clock.timerCount).toBe(1);
  await clock.advance(1);
  expect(await asking).toMatchObject({ type: "unreachable", cause: "late" });
});

test("gives a sign-out 20 s: a browser that empties its cache answers late", async () => {
  fetched.mockImplementation(
    (_url, { signal }) =>
      new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
  );
  const ending = transport().end("sid-1", undefined);
  await clock.advance(19_999);
  expect(clock.timerCount).toBe(1);
  await clock.advance(1);
  expect(await ending).toMatchObject({ type: "unreachable" });
});

test("takes an answer that the machine slept over for no answer", async () => {
  let respond: (response: Response) => void = () => {};
  fetched.mockReturnValue(new Promise((resolve) => (respond = resolve)));
  const asking = transport().session(null);
  await settle();
  clock.sleep(3_600_000);
  respond(new Response('{"v":1,"status":"none"}'));
  expect(await asking).toMatchObject({ type: "unreachable" });
});

test.each([
  ["unavailable", 503],
  ["too-many", 429],
])("hears when to come again after %s", async (name, status) => {
  answer({ type: `urn:curfew:${name}`, title: name, status }, { status, headers: { "retry-after": "7" } });
  expect(await transport().session(null)).toEqual({ type: "unreachable", code: name, retryAfter: 7000 });
});

test.each([
  ["a load balancer's 503", 503, "9", 9000],
  ["a proxy's 429", 429, "2", 2000],
  ["a 200 that is none of ours", 200, "9", 0],
  ["a date", 503, "Fri, 31 Dec 2049 23:59:59 GMT", 0],
  ["nonsense", 503, "soon", 0],
  ["a time in the past", 503, "-5", 0],
  ["an hour: nobody silences a browser for longer than a minute", 503, "3600", 60_000],
])("hears Retry-After from %s", async (_what, status, header, retryAfter) => {
  answer("<html>", { status, headers: { "retry-after": header } });
  expect(await transport().session(null)).toEqual({
    type: "unreachable",
    code: "unreachable",
    retryAfter,
    cause: status,
  });
});

test("takes an empty 204 for done only where that is the answer", async () => {
  fetched.mockImplementation(async () => new Response(null, { status: 204 }));
  expect(await transport().end("sid-1", undefined)).toEqual({ type: "done" });
  for (const asking of [
    transport().session(null),
    transport().sendHeartbeat("a.b.c"),
    transport().bindKey("d.e.f"),
  ])
    expect(await asking).toMatchObject({ type: "unreachable" });
});

test("reads a problem of ours", async () => {
  answer({ type: "urn:curfew:session-ended", reason: "idle", endedAt: 5 }, { status: 401 });
  expect(await transport().session(null)).toMatchObject({
    type: "problem",
    problem: { type: "urn:curfew:session-ended", reason: "idle", endedAt: 5 },
  });
});

describe("a post outlives its page", () => {
  const kept = () => fetched.mock.calls.map(([url, { keepalive }]) => [url.slice(26), keepalive]);

  test("only where the page may be on its way out: the other scripts share what the browser keeps", async () => {
    answer("{}");
    const calls = transport();
    await calls.sendHeartbeat("a.b.c");
    await calls.bindKey("d.e.f");
    hidden = true;
    await calls.sendHeartbeat("a.b.c");
    expect(kept()).toEqual([
      ["/heartbeat", false],
      ["/key", false],
      ["/heartbeat", true],
    ]);
  });

  test("no more once the browser has refused it", async () => {
    hidden = true;
    fetched.mockRejectedValueOnce(new TypeError("Failed to fetch"));
    answer("{}");
    const calls = transport();
    for (let count = 0; count < 2; count++) await calls.sendHeartbeat("a.b.c");
    expect(kept()).toEqual([
      ["/heartbeat", true],
      ["/heartbeat", false],
    ]);
  });

  test("and a sign-out that it refuses is sent once more without", async () => {
    fetched.mockRejectedValueOnce(new TypeError("Failed to fetch"));
    fetched.mockImplementation(async () => new Response(null, { status: 204 }));
    expect(await transport().end("sid-1", undefined)).toEqual({ type: "done" });
    expect(kept()).toEqual([
      ["/end", true],
      ["/end", false],
    ]);
  });
});

describe("patience", () => {
  /** Every answer takes so long. */
  function slow(period: number): void {
    fetched.mockImplementation(
      (_url, { signal }) =>
        new Promise((resolve, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason));
          clock.after(period, () => resolve(new Response('{"v":1,"status":"none"}')));
        }),
    );
  }
  async function ask(calls: ReturnType<typeof transport>) {
    const asking = calls.session(null);
    await clock.advance(20_000);
    return (await asking).type;
  }

  test.each([
    [3500, ["none", "none", "none"]],
    [4500, ["unreachable", "none", "none"]],
    [9000, ["unreachable", "unreachable", "none"]],
    [17_000, ["unreachable", "unreachable", "unreachable"]],
  ])("grows with answers that take %i ms, and stays with them", async (period, types) => {
    slow(period);
    const calls = transport();
    expect([await ask(calls), await ask(calls), await ask(calls)]).toEqual(types);
  });

  test("is each call's own, and goes back with answers that come soon", async () => {
    slow(4500);
    const calls = transport();
    await ask(calls);
    expect(await ask(calls)).toBe("none");
    const beating = calls.sendHeartbeat("a.b.c");
    await clock.advance(4000);
    expect(await beating).toMatchObject({ cause: "late" });
    slow(10);
    await ask(calls);
    slow(4500);
    expect(await ask(calls)).toBe("unreachable");
  });
});

describe("an answer that a cache has kept", () => {
  /** Answers as a verifier does: `asked` is what was asked. */
  const echoing = async (url: string) =>
    new Response(JSON.stringify({ v: 1, status: "none", asked: new URL(url).searchParams.get("ask") }));
  const stale = { type: "unreachable", code: "unreachable", retryAfter: 0, cause: "stale" };

  test("belongs to another question, and is no answer", async () => {
    answer({ v: 1, status: "none", asked: "another" });
    expect(await transport().session(null)).toEqual(stale);
  });

  test("says nothing of its question, where this verifier has said so before, and is no answer", async () => {
    const calls = transport();
    fetched.mockImplementation(echoing);
    expect(await calls.session(null)).toEqual({ type: "none" });
    answer({ v: 1, status: "none" });
    expect(await calls.session(null)).toEqual(stale);
  });

  test("cannot be told apart where the verifier never says it, as an older release", async () => {
    answer({ v: 1, status: "none" });
    expect(await transport().session(null)).toEqual({ type: "none" });
  });

  test("never fits, for no two questions are the same", async () => {
    fetched.mockImplementation(echoing);
    const calls = [transport(), transport()];
    for (const each of calls) for (let count = 0; count < 3; count++) await each.session(null);
    clock.randomValue = 0.5;
    await transport().session(null);
    const questions = fetched.mock.calls.map(([url]) => new URL(url).searchParams.get("ask"));
    expect(new Set(questions.slice(0, 3)).size).toBe(3);
    expect(questions.slice(0, 3)).not.toContain(questions.at(-1));
  });
});
