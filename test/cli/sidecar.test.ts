/** The sidecar's two listeners, each call as a proxy or an app makes it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { send } from "../adapters/support/http-browser.js";
import { temporaryFolder } from "./support/program.js";
import { BASIC, cookieFrom, type RunningSidecar, startSidecar, TOKEN } from "./support/sidecar.js";

const folder = temporaryFolder();
let sidecar: RunningSidecar;

const RULES = [
  { routes: ["/payments/**"], fresh: "5m" },
  { routes: ["/**"], idle: "15m" },
];

beforeAll(async () => {
  const policy = { ...BASIC.policy, rules: RULES };
  sidecar = await startSidecar(folder, { ...BASIC, policy, origins: ["https://pages.example"] });
});

afterAll(async () => {
  await sidecar.program.stop();
  folder.remove();
});

const MINUTE = 60_000;

async function signedIn(more: Readonly<Record<string, unknown>> = {}) {
  const answer = await sidecar.call("POST", "/sessions", { subject: "ann", ...more });
  expect(answer.status, answer.text).toBe(201);
  return { sid: String(answer.body.sid), cookie: cookieFrom(answer) };
}

describe("the public listener", () => {
  test("serves the protocol and nothing else", async () => {
    const session = await send(sidecar.publicUrl, "GET", "/curfew/session");
    expect([session.status, session.body]).toEqual([200, { v: 1, status: "none" }]);
    for (const path of ["/", "/check", "/sessions", "/healthz", "/metrics", "/curfew", "//curfew/session"]) {
      const answer = await send(sidecar.publicUrl, "GET", path, {
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      expect([answer.status, answer.body.type], path).toEqual([404, "urn:curfew:not-found"]);
    }
  });
});

describe("/check", () => {
  test("lets a live session pass, and says whose it is", async () => {
    const { sid, cookie } = await signedIn({ roles: ["nurse", "a,b"] });
    const answer = await sidecar.check(cookie);
    expect([answer.status, answer.text]).toEqual([204, ""]);
    expect(answer.headers).toMatchObject({
      "curfew-subject": "ann",
      "curfew-sid": sid,
      "curfew-roles": "nurse,a%2Cb",
      "cache-control": "no-store",
    });
    expect(Number(answer.headers["curfew-expires-at"])).toBeGreaterThan(Date.now());
    expect(answer.headers["set-cookie"]).toBeUndefined();
  });

  test.each([
    ["ann@example.org", "ann@example.org"],
    ["a b", "a%20b"],
    ["100%", "100%25"],
    ["Zoë\r\nCurfew-Roles: admin", "Zo%C3%AB%0D%0ACurfew-Roles:%20admin"],
    ["漢\u{1F600}", "%E6%BC%A2%F0%9F%98%80"],
  ])("writes the subject %j so that decoding it is always right", async (subject, header) => {
    const { cookie } = await signedIn({ subject });
    const answer = await sidecar.check(cookie);
    expect(answer.headers["curfew-subject"]).toBe(header);
    expect(decodeURIComponent(header)).toBe(subject);
    expect(answer.headers["curfew-roles"]).toBe("");
  });

  test("extends nothing", async () => {
    const { cookie } = await signedIn();
    const [first, second] = [await sidecar.check(cookie), await sidecar.check(cookie)];
    expect(second.headers["curfew-expires-at"]).toBe(first.headers["curfew-expires-at"]);
  });

  test("refuses with the problem, and says its status", async () => {
    const none = await sidecar.check(null);
    expect([none.status, none.headers["curfew-status"], none.body.type]).toEqual([
      401,
      "401",
      "urn:curfew:no-session",
    ]);
    const { sid, cookie } = await signedIn();
    await sidecar.call("DELETE", `/sessions/${sid}?reason=signed-out`);
    const ended = await sidecar.check(cookie, "?mode=nginx");
    expect([ended.status, ended.body.type, ended.body.reason]).toEqual([
      401,
      "urn:curfew:session-ended",
      "signed-out",
    ]);
  });

  test("asks for roles, a recent authentication and a short pause", async () => {
    const { cookie } = await signedIn({ roles: ["nurse"], authenticatedAt: Date.now() - 6 * MINUTE });
    const path = { "x-original-uri": "/notes" };
    expect((await sidecar.check(cookie, "?roles=admin,%20nurse", path)).status).toBe(204);
    const forbidden = await sidecar.check(cookie, "?roles=admin&mode=nginx", path);
    expect([forbidden.status, forbidden.headers["curfew-status"]]).toEqual([403, "403"]);
    expect((await sidecar.check(cookie, "?fresh=10m", path)).status).toBe(204);
    const stale = await sidecar.check(cookie, "?fresh=5m&mode=nginx", path);
    expect([stale.status, stale.body.type]).toEqual([401, "urn:curfew:step-up"]);
    expect(stale.headers["www-authenticate"]).toContain('max_age="300"');
    expect((await sidecar.check(cookie, "?scope=write", path)).status).toBe(403);
  });

  test.each([
    ["x-original-uri", "x-original-method"],
    ["x-forwarded-uri", "x-forwarded-method"],
  ])("holds the policy's rules for the path in %s", async (uri, method) => {
    const { cookie } = await signedIn({ authenticatedAt: Date.now() - 6 * MINUTE });
    const at = async (path: string) =>
      (await sidecar.check(cookie, "", { [uri]: path, [method]: "POST" })).status;
    expect(await at("/notes?next=/payments/1")).toBe(204);
    for (const path of ["/payments/1", "/PAYMENTS/1", "//payments/1", "/x/..%2fpayments/1"])
      expect(await at(path), path).toBe(401);
  });

  test("holds the strictest rule where nobody says the path, and believes nobody where two say different ones", async () => {
    const { cookie } = await signedIn({ authenticatedAt: Date.now() - 6 * MINUTE });
    expect((await sidecar.check(cookie)).body.type).toBe("urn:curfew:step-up");
    for (const names of [
      ["x-original-uri", "x-forwarded-uri"],
      ["x-original-method", "x-forwarded-method"],
    ] as const) {
      const headers = { "x-original-uri": "/notes", [names[0]]: "/notes", [names[1]]: "/payments/1" };
      const answer = await sidecar.check(cookie, "?mode=nginx", headers);
      expect([answer.status, answer.headers["curfew-status"], answer.body.code]).toEqual([
        403,
        "400",
        "told-twice",
      ]);
    }
    for (const name of ["x-original-uri", "x-forwarded-uri", "x-original-method"]) {
      const headers = { "x-original-uri": "/notes", [name]: ["/notes", "/notes"] };
      expect((await sidecar.check(cookie, "", headers)).body.code, name).toBe("told-twice");
    }
  });

  test.each([
    ["curfew_subject", "root"],
    ["Curfew.Subject", "root"],
    ["CURFEW-_ROLES", "admin"],
    ["curfew_anything", "x"],
    ["x_original_uri", "/notes"],
    ["X-Original_Method", "GET"],
    ["x_forwarded_for", "203.0.113.7"],
    ["X!Forwarded!Uri", "/notes"],
  ])("refuses the header %s, which an app may read as one of ours", async (name, value) => {
    const { cookie } = await signedIn();
    const headers = { "x-original-uri": "/notes", [name]: value };
    const plain = await sidecar.check(cookie, "", headers);
    expect([plain.status, plain.body.code]).toEqual([400, "header-name"]);
    const nginx = await sidecar.check(cookie, "?mode=nginx", headers);
    expect([nginx.status, nginx.headers["curfew-status"]]).toEqual([403, "400"]);
    const explained = await sidecar.ask("GET", "/explain", { headers: { cookie, ...headers } });
    expect([explained.status, explained.body.code]).toEqual([400, "header-name"]);
    const told = sidecar.program.lines.filter((line) => line.includes("the proxy passes on a header"));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/curfew_subject.*curfew-subject.*docs\/sidecar\.md/);
  });

  test("sees every header, however many come before it", async () => {
    const { cookie } = await signedIn();
    const many = Object.fromEntries(Array.from({ length: 2_100 }, (_, at) => [`h${at}`, "1"]));
    const first = { "x-original-uri": "/notes", ...many };
    expect((await sidecar.check(null, "", { ...first, cookie })).status).toBe(204);
    const forged = await sidecar.check(null, "", { ...first, cookie, curfew_subject: "bob" });
    expect([forged.status, forged.body.code]).toEqual([400, "header-name"]);
  });

  test("a path that is no request's target is held to the strictest rule", async () => {
    const { cookie } = await signedIn({ authenticatedAt: Date.now() - 6 * MINUTE });
    for (const path of [
      "/notes, /payments/1",
      "/no tes",
      "/n\u00f6tes",
      "notes",
      "http://a.test/notes",
      "*",
    ]) {
      const { status, body } = await sidecar.check(cookie, "", { "x-original-uri": path });
      expect([status, body.type], path).toEqual([401, "urn:curfew:step-up"]);
    }
    const headers = { accept: "text/html", "x-original-uri": "/notes, /payments/1" };
    expect((await sidecar.ask("GET", "/explain", { headers })).headers.location).toBe("/login");
  });

  test("a browser cannot make a preflight of its request", async () => {
    const headers = {
      "x-original-uri": "/notes",
      "x-original-method": "OPTIONS",
      "access-control-request-method": "POST",
    };
    expect((await sidecar.check(null, "", headers)).status).toBe(401);
  });

  test.each([
    ["?fresh=5", /fresh/],
    ["?frehs=5m", /the query may have fresh/],
    ["?fresh=5m&fresh=6m", /each once/],
    ["?roles=admin&roles=nurse", /each once/],
    ["?%66resh=5m&fresh=6m", /each once/],
    ["?mode=apache", /mode is plain, nginx, forward/],
    ["?roles=", /roles/],
    ["?page=yes", /page/],
  ])("says what is wrong with %s", async (query, words) => {
    const plain = await sidecar.check(null, query);
    expect([plain.status, plain.body.code]).toEqual([400, "query"]);
    expect(plain.body.detail).toMatch(words);
    const nginx = await sidecar.check(null, query.includes("mode") ? query : `${query}&mode=nginx`);
    expect(nginx.headers["curfew-status"]).toBe("400");
    expect((await sidecar.ask("GET", `/explain${query}`)).status).toBe(400);
  });

  test("mode=forward refuses as the browser should see it", async () => {
    const headers = { "sec-fetch-mode": "navigate", "x-forwarded-uri": "/notes" };
    const page = await sidecar.check(null, "?mode=forward", headers);
    expect([page.status, page.headers.location]).toEqual([303, "/login?return=%2Fnotes"]);
    expect((await sidecar.check(null, "?mode=forward")).status).toBe(401);
  });
});

describe("a listener", () => {
  test("takes a request of a browser with many cookies", async () => {
    const { cookie } = await signedIn();
    const many = `${"x=".padEnd(40_000, "y")}; ${cookie}`;
    expect((await sidecar.check(many)).status).toBe(204);
    const status = await send(sidecar.publicUrl, "GET", "/curfew/session", { headers: { cookie: many } });
    expect(status.body.status).toBe("active");
  });

  test("keeps a connection longer than a proxy does", async () => {
    const { headers } = await sidecar.ask("GET", "/healthz", { headers: { connection: "keep-alive" } });
    expect(headers["keep-alive"]).toBe("timeout=75");
  });
});

describe("/explain", () => {
  const explain = (query: string, headers: Record<string, string>) =>
    sidecar.ask("GET", `/explain${query}`, { headers: { "x-original-uri": "/notes?a=1", ...headers } });

  test("redirects a navigation and gives a call the problem", async () => {
    const page = await explain("?mode=nginx", { accept: "text/html" });
    expect([page.status, page.headers.location, page.text]).toEqual([
      303,
      "/login?return=%2Fnotes%3Fa%3D1",
      "",
    ]);
    const call = await explain("", { "sec-fetch-mode": "cors" });
    expect([call.status, call.body.type]).toEqual([401, "urn:curfew:no-session"]);
    const posted = await explain("", { "sec-fetch-mode": "navigate", "x-original-method": "POST" });
    expect([posted.status, posted.headers.location]).toEqual([303, "/login"]);
    expect((await explain("?page=true", {})).status).toBe(303);
    const script = { "sec-fetch-mode": "cors", "sec-fetch-site": "same-origin" };
    expect((await explain("?page=true", script)).status).toBe(401);
  });

  test("gives a listed origin what it needs to read the refusal", async () => {
    const { headers } = await explain("", { origin: "https://pages.example", "sec-fetch-mode": "cors" });
    expect(headers["access-control-allow-origin"]).toBe("https://pages.example");
    expect((await explain("", { origin: "https://evil.example" })).headers).not.toHaveProperty(
      "access-control-allow-origin",
    );
  });

  test("what would pass now is asked to try again", async () => {
    const { cookie } = await signedIn();
    const answer = await explain("", { cookie });
    expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "1"]);
  });
});

describe("/sessions", () => {
  test("needs the service token, for every path and method below it", async () => {
    const calls = [
      ["GET", "/sessions?subject=ann"],
      ["POST", "/sessions"],
      ["DELETE", "/sessions/x"],
      ["POST", "/sessions/reauthenticate"],
      ["GET", "/sessions/nothing/there"],
    ] as const;
    const wrong = [
      undefined,
      TOKEN,
      `Basic ${TOKEN}`,
      `Bearer ${TOKEN}x`,
      "Bearer ",
      `Bearer ${TOKEN} ${TOKEN}`,
    ];
    for (const [method, path] of calls)
      for (const authorization of wrong) {
        const headers = authorization === undefined ? {} : { authorization };
        const answer = await sidecar.ask(method, path, { headers });
        expect(answer.status).toBe(401);
        expect(answer.headers["www-authenticate"]).toBe('Bearer realm="curfew"');
        expect(answer.body.type).toBe("urn:curfew:bad-token");
      }
  });

  test("starts a session and ends the one that the browser had", async () => {
    const first = await signedIn({ roles: ["admin"], attributes: { branch: 7, vip: true, desk: "a" } });
    expect(first.cookie).toMatch(/^__Host-curfew=[A-Za-z0-9_-]{43}$/);
    const second = await signedIn({ subject: "bob", cookie: `theme=dark; ${first.cookie}` });
    const old = await sidecar.check(first.cookie);
    expect([old.status, old.body.reason]).toEqual([401, "replaced"]);
    expect((await sidecar.check(second.cookie)).headers["curfew-subject"]).toBe("bob");
  });

  test("takes the cookies from the body, never from the app's own call", async () => {
    const first = await signedIn();
    await sidecar.call("POST", "/sessions", { subject: "bob", cookie: null }, { cookie: first.cookie });
    expect((await sidecar.check(first.cookie)).status).toBe(204);
  });

  test("a sign-in that another site posted is refused, unless the app says that it knows", async () => {
    const headers = { "sec-fetch-site": "cross-site" };
    const refused = await sidecar.call("POST", "/sessions", { subject: "ann" }, headers);
    expect([refused.status, refused.body.code]).toEqual([403, "cross-site"]);
    const knowing = { subject: "ann", orphanPrevious: true };
    expect((await sidecar.call("POST", "/sessions", knowing, headers)).status).toBe(201);
  });

  test("reauthenticates: same sid, new cookie", async () => {
    const { sid, cookie } = await signedIn({ authenticatedAt: Date.now() - 6 * MINUTE });
    expect((await sidecar.check(cookie, "?fresh=5m")).status).toBe(401);
    const answer = await sidecar.call("POST", "/sessions/reauthenticate", { subject: "ann", cookie });
    expect([answer.status, answer.body.sid]).toEqual([200, sid]);
    expect((await sidecar.check(cookieFrom(answer), "?fresh=5m")).status).toBe(204);
    expect((await sidecar.check(cookie)).status).toBe(401);
  });

  test("what cannot be reauthenticated is told apart from a wrong token", async () => {
    const { cookie } = await signedIn();
    const other = await sidecar.call("POST", "/sessions/reauthenticate", { subject: "bob", cookie });
    expect([other.status, other.body.code]).toEqual([400, "other-subject"]);
    const none = await sidecar.call("POST", "/sessions/reauthenticate", { subject: "ann" });
    expect([none.status, none.body.type, none.body.code]).toEqual([
      409,
      "urn:curfew:sign-in-refused",
      "ended",
    ]);
  });

  test("lists, ends one, ends the others, ends all", async () => {
    const subject = "carol";
    const query = `?subject=${subject}`;
    const [one, two, three] = [
      await signedIn({ subject }),
      await signedIn({ subject }),
      await signedIn({ subject }),
    ];
    const listed = await sidecar.call("GET", `/sessions${query}`);
    const sids = (listed.body.sessions as { sid: string }[]).map(({ sid }) => sid);
    expect(new Set(sids)).toEqual(new Set([one.sid, two.sid, three.sid]));
    expect((await sidecar.call("DELETE", `/sessions/${one.sid}`)).status).toBe(204);
    expect((await sidecar.check(one.cookie)).body.reason).toBe("revoked");
    const others = await sidecar.call("POST", `/sessions/${two.sid}/end-others`);
    expect([others.status, others.body]).toEqual([200, { ended: 1 }]);
    expect((await sidecar.check(three.cookie)).body.reason).toBe("revoked");
    expect((await sidecar.check(two.cookie)).status).toBe(204);
    expect((await sidecar.call("DELETE", `/sessions${query}&reason=signed-out`)).status).toBe(204);
    expect((await sidecar.check(two.cookie)).body.reason).toBe("signed-out");
    expect((await sidecar.call("GET", `/sessions${query}`)).body).toEqual({ sessions: [] });
    expect((await sidecar.call("DELETE", "/sessions/never-was")).status).toBe(204);
  });

  test.each(["a%ED%A0%80", "a%FF", "a%C0%AF", "100%"])(
    "a subject %s that is no UTF-8 in the query is refused, not read as another one",
    async (subject) => {
      for (const method of ["GET", "DELETE"]) {
        const answer = await sidecar.call(method, `/sessions?subject=${subject}`);
        expect([answer.status, answer.body.code]).toEqual([400, "query"]);
      }
    },
  );

  test.each([
    ["no JSON", "{", 400, "json"],
    ["no UTF-8 text", '{"subject":"\\ud800"}', 400, "shape"],
    ["a role that is no UTF-8 text", '{"subject":"ann","roles":["\\ud800"]}', 400, "shape"],
    ["an attribute that is no UTF-8 text", '{"subject":"ann","attributes":{"a":"\\ud800"}}', 400, "shape"],
    [
      "an attribute's name that is no UTF-8 text",
      '{"subject":"ann","attributes":{"\\ud800":1}}',
      400,
      "shape",
    ],
    ["no object", "[]", 400, "shape"],
    ["nothing", "", 400, "json"],
    ["no subject", "{}", 400, "shape"],
    ["an empty subject", '{"subject":""}', 400, "shape"],
    ["a subject that is a number", '{"subject":7}', 400, "shape"],
    ["an unknown member", '{"subject":"ann","role":"x"}', 400, "shape"],
    ["roles as a text", '{"subject":"ann","roles":"admin"}', 400, "shape"],
    ["an attribute that is an object", '{"subject":"ann","attributes":{"a":{}}}', 400, "shape"],
    [
      "seconds in place of milliseconds",
      '{"subject":"ann","authenticatedAt":1767225600}',
      400,
      "bad-authenticated-at",
    ],
    [
      "an authentication of long ago",
      '{"subject":"ann","authenticatedAt":1000000000000}',
      400,
      "authentication-too-old",
    ],
    ["too much", `{"subject":"ann","cookie":"${"x".repeat(70_000)}"}`, 413, undefined],
  ])("a body with %s is refused", async (_name, body, status, code) => {
    const answer = await sidecar.call("POST", "/sessions", body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
  });

  test("a body of another media type is refused, and so is a query that names nobody", async () => {
    const form = await sidecar.call("POST", "/sessions", "subject=ann", { "content-type": "text/plain" });
    expect([form.status, form.body.code]).toEqual([400, "media-type"]);
    for (const [method, path] of [
      ["GET", "/sessions"],
      ["DELETE", "/sessions"],
      ["DELETE", "/sessions?subject="],
      ["DELETE", "/sessions?subject=a&subject=b"],
      ["DELETE", "/sessions?subject=Zo%EB"],
      ["DELETE", "/sessions/x?reason=idle"],
    ] as const)
      expect((await sidecar.call(method, path)).body.code, `${method} ${path}`).toBe("query");
  });

  test("other paths and methods are told apart", async () => {
    for (const path of ["/sessions/", "/sessions/a/b", "/sessions/a%20b", "/sessionsx", "/constructor", "/"])
      expect((await sidecar.call("GET", path)).status, path).toBe(404);
    for (const [method, path, allowed] of [
      ["PUT", "/sessions", "GET, POST, DELETE"],
      ["GET", "/sessions/reauthenticate", "POST"],
      ["GET", "/sessions/abc", "DELETE"],
      ["POST", "/check", "GET"],
    ] as const) {
      const answer = await sidecar.call(method, path);
      expect([answer.status, answer.headers.allow]).toEqual([405, allowed]);
    }
  });
});

describe("operation", () => {
  test("says that it lives and that the store answers", async () => {
    const alive = await sidecar.ask("GET", "/healthz");
    expect([alive.status, alive.body]).toEqual([200, { status: "ok" }]);
    const ready = await sidecar.ask("GET", "/readyz");
    expect([ready.status, ready.body]).toMatchObject([
      200,
      { status: "ok", drift: { status: "equal", in: [] } },
    ]);
    expect(ready.body.nodes).toHaveLength(1);
  });

  test("counts audit events, checks by result, their duration, and whether the store is up", async () => {
    const metric = async (name: string) => {
      const { text } = await sidecar.ask("GET", "/metrics");
      const line = text.split("\n").find((candidate) => candidate.startsWith(`${name} `));
      return Number(line?.slice(name.length + 1) ?? 0);
    };
    const names = ['curfew_checks_total{result="none"}', 'curfew_audit_events_total{type="session_created"}'];
    const before = await Promise.all(names.map(metric));
    await sidecar.check(null);
    await signedIn();
    expect(await Promise.all(names.map(metric))).toEqual(before.map((count) => count + 1));
    expect(await metric("curfew_check_duration_seconds_count")).toBeGreaterThan(0);
    expect(await metric("curfew_store_up")).toBe(1);
    const { headers } = await sidecar.ask("GET", "/metrics");
    expect(headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
  });
});
