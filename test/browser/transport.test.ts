/** What an answer is taken for; above all, what is never taken for an end. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createTransport } from "../../src/browser/verifier/transport.js";
import { FakeClock, settle } from "./fake-clock.js";

let clock: FakeClock;
const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();

beforeEach(() => {
  clock = new FakeClock();
  fetched.mockReset();
  vi.stubGlobal("fetch", fetched);
});
afterEach(() => vi.unstubAllGlobals());

const transport = () => createTransport("https://app.example/curfew", clock);
const answer = (body: unknown, init: ResponseInit = {}) =>
  fetched.mockResolvedValue(new Response(typeof body === "string" ? body : JSON.stringify(body), init));

it("asks with cookies, past every cache, and follows no redirect", async () => {
  answer({ v: 1, status: "none" });
  expect(await transport().session("a/b")).toEqual({ type: "none" });
  const [url, init] = fetched.mock.calls[0] ?? [];
  expect(url).toBe("https://app.example/curfew/session?was=a%2Fb");
  expect(init).toMatchObject({ credentials: "include", cache: "no-store", redirect: "error" });
});

it("posts JSON that outlives the page, so that one preflight serves for many", async () => {
  answer("", { status: 200 });
  await transport().sendHeartbeat("a.b.c");
  await transport().bindKey("d.e.f");
  await transport().end("sid-1", "subject");
  expect(fetched.mock.calls.map(([url, { body }]) => [url.slice(26), body])).toEqual([
    ["/heartbeat", '{"heartbeat":"a.b.c"}'],
    ["/key", '{"binding":"d.e.f"}'],
    ["/end", '{"sid":"sid-1","scope":"subject"}'],
  ]);
  const { method, keepalive, headers } = fetched.mock.calls[0]?.[1] ?? {};
  expect(fetched.mock.calls[0]?.[1]).not.toHaveProperty("cache");
  expect([method, keepalive, headers]).toEqual(["POST", true, { "content-type": "application/json" }]);
});

it.each([
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

it("takes a network error for no answer", async () => {
  fetched.mockRejectedValue(new TypeError("Failed to fetch"));
  expect(await transport().session(null)).toMatchObject({ type: "unreachable", cause: "network" });
  vi.stubGlobal("navigator", { onLine: false });
  expect(await transport().session(null)).toMatchObject({ type: "unreachable", cause: "offline" });
});

it("gives up after 4 s", async () => {
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

it("gives a sign-out 20 s: a browser that empties its cache answers late", async () => {
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

it("takes an answer that the machine slept over for no answer", async () => {
  let respond: (response: Response) => void = () => {};
  fetched.mockReturnValue(new Promise((resolve) => (respond = resolve)));
  const asking = transport().session(null);
  await settle();
  clock.sleep(3_600_000);
  respond(new Response('{"v":1,"status":"none"}'));
  expect(await asking).toMatchObject({ type: "unreachable" });
});

it.each([
  ["unavailable", 503],
  ["too-many", 429],
])("hears when to come again after %s", async (name, status) => {
  answer({ type: `urn:curfew:${name}`, title: name, status }, { status, headers: { "retry-after": "7" } });
  expect(await transport().session(null)).toEqual({ type: "unreachable", code: name, retryAfter: 7000 });
});

it.each([
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

it("takes an empty 204 for done only where that is the answer", async () => {
  fetched.mockImplementation(async () => new Response(null, { status: 204 }));
  expect(await transport().end("sid-1", undefined)).toEqual({ type: "done" });
  for (const asking of [
    transport().session(null),
    transport().sendHeartbeat("a.b.c"),
    transport().bindKey("d.e.f"),
  ])
    expect(await asking).toMatchObject({ type: "unreachable" });
});

it("reads a problem of ours", async () => {
  answer({ type: "urn:curfew:session-ended", reason: "idle", endedAt: 5 }, { status: 401 });
  expect(await transport().session(null)).toMatchObject({
    type: "problem",
    problem: { type: "urn:curfew:session-ended", reason: "idle", endedAt: 5 },
  });
});
