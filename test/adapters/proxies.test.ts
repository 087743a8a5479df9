/** Behind a proxy, on an address or on a Unix socket: whose request it is, and what the browser calls this server. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type OutgoingHttpHeaders, request, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import { createSessionVerifier } from "../../src/server/adapters/web.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionVerifierOptions } from "../../src/server/verifier/options.js";
import { MINUTE, SILENT } from "../server/support/test-verifier.js";
import { frameworks } from "./support/frameworks.js";
import type { Framework, Mounted } from "./support/test-app.js";

const POLICY: SessionVerifierOptions["policy"] = {
  idle: "10m",
  absolute: "12h",
  rules: [
    { name: "the hall", networks: ["203.0.113.0/24", "2001:db8::/32"], idle: "5m" },
    { name: "the office", networks: ["10.0.0.0/8"], idle: "30m", relax: true },
  ],
};
const onNode = frameworks.filter(({ name }) => name !== "fetch-style");

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

interface Served {
  readonly warnings: readonly string[];
  ask(method: string, path: string, headers?: OutgoingHttpHeaders, body?: string): Promise<Answer>;
  /** The idle timeout, in minutes, of a session that such a request has started. */
  idleOf(headers: OutgoingHttpHeaders): Promise<number>;
  /** What the end of a session that a page on this origin posts is answered with. */
  endFrom(origin: string, headers: OutgoingHttpHeaders): Promise<Answer>;
}

interface Answer {
  readonly status: number | undefined;
  readonly cookie: string;
  readonly body: Readonly<Record<string, unknown>>;
}

async function served(
  framework: Framework,
  trustProxy: readonly string[],
  place: "address" | "socket" = "address",
): Promise<Served> {
  const warnings: string[] = [];
  const { listener }: Mounted = await framework.mount(
    {
      policy: POLICY,
      store: memoryStore(),
      signInUrl: "/login",
      trustProxy,
      logger: { ...SILENT, warn: (line) => warnings.push(line) },
    },
    "nothing",
  );
  const target = await listening(createServer(listener), place);
  const ask: Served["ask"] = async (method, path, headers = {}, body) => {
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const asked = request({ ...target, method, path, headers: { ...length, ...headers } });
    const answered = new Promise<Answer>((resolve, reject) => {
      asked.once("error", reject).once("response", (response) => {
        const cookie = response.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
        text(response).then((read) => {
          const body = read.startsWith("{") ? (JSON.parse(read) as Record<string, unknown>) : {};
          resolve({ status: response.statusCode, cookie, body });
        }, reject);
      });
    });
    asked.end(body);
    return answered;
  };
  const signIn = async (headers: OutgoingHttpHeaders) => (await ask("POST", "/sign-in", headers)).cookie;
  return {
    warnings,
    ask,
    async idleOf(headers) {
      const cookie = await signIn(headers);
      const { body } = await ask("GET", "/curfew/session", { ...headers, cookie });
      return Number(body.idleTimeout) / MINUTE;
    },
    async endFrom(origin, headers) {
      const cookie = await signIn(headers);
      const { body } = await ask("GET", "/curfew/session", { ...headers, cookie });
      const post = { "content-type": "application/json", origin, cookie, ...headers };
      return ask("POST", "/curfew/end", post, JSON.stringify({ sid: body.sid }));
    },
  };
}

async function listening(server: Server, place: "address" | "socket") {
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  if (place === "address") {
    server.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    return { host: "127.0.0.1", port: typeof address === "object" ? (address?.port ?? 0) : 0 };
  }
  const folder = mkdtempSync(join(tmpdir(), "curfew-"));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const socketPath = join(folder, "app.sock");
  server.listen(socketPath);
  await new Promise((resolve) => server.once("listening", resolve));
  return { socketPath, headers: {} };
}

describe.each(onNode)("on $name, behind a trusted proxy", (framework) => {
  test("an address is read however the proxy writes it", async () => {
    const { idleOf, warnings } = await served(framework, ["loopback"]);
    for (const hall of [
      "203.0.113.9",
      "203.0.113.9:51008",
      "[::ffff:203.0.113.9]:51008",
      "::ffff:203.0.113.9:51008",
      '"203.0.113.9"',
      "[2001:db8::9]:443",
      '"[2001:db8::9]"',
      "2001:db8::9%eth0",
      "10.0.0.9, 203.0.113.9:1, 127.0.0.1:2",
    ])
      expect(await idleOf({ "x-forwarded-for": hall }), hall).toBe(5);
    for (const office of ["10.0.0.9", "10.0.0.9:51008", "::ffff:10.0.0.9", '"[::ffff:10.0.0.9]:5"'])
      expect(await idleOf({ "x-forwarded-for": office }), office).toBe(30);
    for (const elsewhere of ["198.51.100.1:80", "[2001:db9::1]:80"])
      expect(await idleOf({ "x-forwarded-for": elsewhere }), elsewhere).toBe(10);
    expect(await idleOf({ forwarded: 'for="203.0.113.9:1";proto=https' })).toBe(5);
    expect(await idleOf({ forwarded: 'for="[::ffff:10.0.0.9]"' })).toBe(30);
    expect(warnings).toEqual([]);
  });

  test("of an address that cannot be read the rule that tightens holds, the one that relaxes does not, and the log says so once", async () => {
    const { idleOf, warnings } = await served(framework, ["loopback"]);
    for (const nobody of ["unknown", "_hidden", "10.0.0.9, ", "010.0.0.9", "10.0.0.9;203.0.113.9"])
      expect(await idleOf({ "x-forwarded-for": nobody }), nobody).toBe(5);
    expect(await idleOf({ forwarded: "for=_hidden" })).toBe(5);
    expect(await idleOf({ forwarded: "for=10.0.0.9", "x-forwarded-for": "10.0.0.8" })).toBe(5);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^curfew: the address of a client is not known, so rules by network that tighten hold.*X-Forwarded-For of a trusted proxy says "unknown", which is no address: let the proxy pass on/,
      ),
    ]);
  });

  test("that is not listed, rules go by its own address, and the log says so once", async () => {
    const { idleOf, warnings } = await served(framework, ["10.0.0.1"]);
    for (const from of ["203.0.113.9", "10.0.0.9"])
      expect(await idleOf({ "x-forwarded-for": from })).toBe(10);
    expect(warnings).toEqual([
      expect.stringMatching(/^curfew: 127\.0\.0\.1 says for whom it speaks.*not in `trustProxy`.*list it$/),
    ]);
  });

  test("the origin is the browser's, by either language and with its port", async () => {
    const { endFrom } = await served(framework, ["loopback"]);
    const told: readonly OutgoingHttpHeaders[] = [
      { "x-forwarded-proto": "https", "x-forwarded-host": "www.test", "x-forwarded-port": "8443" },
      { forwarded: 'for=203.0.113.9;proto=https;host="www.test:8443"' },
      { "x-forwarded-proto": "https", host: "www.test:8443" },
    ];
    for (const headers of told)
      expect((await endFrom("https://www.test:8443", headers)).status, JSON.stringify(headers)).toBe(204);
    for (const headers of told) expect((await endFrom("https://www.test", headers)).status).toBe(403);
  });

  test("a server that does not know its own origin takes a post that names none for another site's", async () => {
    const { endFrom } = await served(framework, ["loopback"]);
    // Hono answers such a host by itself.
    for (const host of ["app.test, app.test", "user@app.test", ""])
      expect([400, 403], host).toContain((await endFrom("", { host })).status);
  });

  test("a host that is named twice is no origin, and the answer says so", async () => {
    const { endFrom } = await served(framework, ["loopback"]);
    const { status, body } = await endFrom("http://app.test", { host: "app.test, app.test" });
    // Hono's own server refuses such a request before anybody else is asked.
    if (framework.name !== "Hono 4") {
      expect([status, body.type]).toEqual([403, "urn:curfew:cross-site"]);
      expect(body.detail).toMatch(
        /cannot tell its own origin, as the request names scheme "http", host "app\.test, app\.test"/,
      );
    } else expect(status).toBe(400);
    const forwarded = await endFrom("http://app.test", { "x-forwarded-host": "app.test, app.test" });
    expect(forwarded.status).toBe(204);
    const conflict = await endFrom("https://www.test", {
      "x-forwarded-proto": "https",
      "x-forwarded-host": "www.test",
      forwarded: "proto=https;host=other.test",
    });
    expect([conflict.status, conflict.body.detail]).toEqual([
      403,
      expect.stringContaining("Forwarded and X-Forwarded-* name different origins"),
    ]);
  });
});

describe.each(onNode)("on $name, on a Unix socket", (framework) => {
  const FORWARDED = {
    "x-forwarded-for": "10.0.0.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "www.test",
  };

  test.each([[["unix"]], [["loopback"]]])(
    "trustProxy: %j believes the proxy at its other end",
    async (trustProxy) => {
      const { idleOf, endFrom, warnings } = await served(framework, trustProxy, "socket");
      expect(await idleOf(FORWARDED)).toBe(30);
      expect(await idleOf({ "x-forwarded-for": "203.0.113.9:77" })).toBe(5);
      expect(await idleOf({ "x-forwarded-for": "10.0.0.9, unix:" })).toBe(30);
      expect((await endFrom("https://www.test", FORWARDED)).status).toBe(204);
      expect(warnings).toEqual([]);
    },
  );

  test("without it the address is not known, which is the stricter case, and the log names the cure", async () => {
    const { idleOf, endFrom, warnings } = await served(framework, [], "socket");
    expect(await idleOf(FORWARDED)).toBe(5);
    expect((await endFrom("https://www.test", FORWARDED)).status).toBe(403);
    expect(warnings.filter((line) => line.includes("address of a client"))).toEqual([
      expect.stringContaining(
        'the connection is a Unix socket, which has no address: write trustProxy: ["unix"]',
      ),
    ]);
  });

  test("a proxy that passes on nothing leaves the address unknown", async () => {
    const { idleOf } = await served(framework, ["unix"], "socket");
    expect(await idleOf({})).toBe(5);
  });
});

describe("on a fetch-style server", () => {
  async function started(
    trustProxy: readonly string[],
    address: string | undefined,
    headers: Record<string, string>,
  ) {
    const warnings: string[] = [];
    const sessions = createSessionVerifier({
      policy: POLICY,
      store: memoryStore(),
      signInUrl: "/login",
      trustProxy,
      logger: { ...SILENT, warn: (line) => warnings.push(line) },
    });
    const context = address === undefined ? {} : { address };
    const signIn = new Request("http://inner.test/sign-in", { method: "POST", headers });
    const { session, headers: set } = await sessions.start(signIn, { subject: "ann" }, context);
    const cookie = set.getSetCookie()[0]?.split(";")[0] ?? "";
    const end = new Request("http://inner.test/curfew/end", {
      method: "POST",
      headers: { "content-type": "application/json", origin: "https://www.test", ...headers, cookie },
      body: JSON.stringify({ sid: session.sid }),
    });
    const { status } = await sessions.handle(end, context);
    return { idle: (session.idleExpiresAt - session.lastActiveAt) / MINUTE, status, warnings };
  }
  const FORWARDED = {
    "x-forwarded-for": "10.0.0.9:5",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "www.test",
  };

  test("the address that the runtime tells is the peer's, and a listed proxy is believed", async () => {
    expect(await started(["loopback"], "127.0.0.1", FORWARDED)).toEqual({
      idle: 30,
      status: 204,
      warnings: [],
    });
    expect(await started(["loopback"], "[::1]:4711", FORWARDED)).toMatchObject({ idle: 30, status: 204 });
    expect(await started(["unix"], "unix", FORWARDED)).toMatchObject({ idle: 30, status: 204 });
    expect(await started([], "127.0.0.1", FORWARDED)).toMatchObject({ idle: 10, status: 403 });
    expect(await started(["loopback"], "203.0.113.9:5", FORWARDED)).toMatchObject({ idle: 5, status: 403 });
  });

  test.each<[string, Record<string, string>]>([
    ["X-Forwarded-For", { "x-forwarded-for": "198.51.100.1" }],
    ["X-Forwarded-For with nobody readable", { "x-forwarded-for": "unknown" }],
    ["Forwarded", { forwarded: "for=198.51.100.1" }],
    ["X-Real-IP", { "x-real-ip": "198.51.100.1" }],
  ])(
    "a proxy in the office that is not listed and sends %s relaxes nothing for those it speaks for",
    async (_name, headers) => {
      const { idle, warnings } = await started(["192.0.2.1"], "10.0.0.9", headers);
      expect(idle).toBe(10);
      expect(warnings.filter((line) => line.includes("speaks"))).toEqual([
        expect.stringMatching(/none of them relaxes anything: if it is a proxy of yours, list it$/),
      ]);
      expect((await started(["192.0.2.1"], "10.0.0.9", {})).idle).toBe(30);
      expect((await started(["192.0.2.1"], "203.0.113.9", headers)).idle).toBe(5);
    },
  );

  test.each([[undefined], ["nonsense"]])(
    "with the address %j the stricter rule holds, and the log names the cure",
    async (address) => {
      const { idle, status, warnings } = await started(["loopback"], address, FORWARDED);
      expect([idle, status]).toEqual([5, 403]);
      expect(warnings.filter((line) => line.includes("address of a client"))).toEqual([
        expect.stringContaining("pass { address } with each request"),
      ]);
    },
  );
});
