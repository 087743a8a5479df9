import { expect, test } from "vitest";
import { describeEmbeddedStores } from "./support/embedded-stores.js";
import { TestBrowser } from "./support/test-browser.js";
import { createTestVerifier } from "./support/test-verifier.js";

const post = () => new Request("https://app.test/sign-in", { method: "POST" });

/** As an app without TypeScript passes them. */
const untyped = (value: unknown) => value as never;

const WRONG_CONTEXTS: readonly [string, object][] = [
  ["bad-roles", { roles: "admin" }],
  ["bad-roles", { roles: [5] }],
  ["bad-roles", { roles: [undefined] }],
  ["bad-roles", { roles: null }],
  ["bad-roles", { roles: new Set(["admin"]) }],
  ["bad-attributes", { attributes: null }],
  ["bad-attributes", { attributes: "ward" }],
  ["bad-attributes", { attributes: ["ward"] }],
  ["bad-attributes", { attributes: new Map([["ward", "north"]]) }],
  ["bad-attributes", { attributes: { ward: null } }],
  ["bad-attributes", { attributes: { ward: Number.NaN } }],
  ["bad-attributes", { attributes: { ward: 10n } }],
  ["bad-attributes", { attributes: { ward: new Date(0) } }],
  ["bad-attributes", { attributes: { ward: { name: "north" } } }],
];

describeEmbeddedStores("", (verifier) => {
  test("roles and attributes of another type start and change no session, and leave no record that cannot be read", async () => {
    const { sessions } = verifier();
    const browser = await TestBrowser.signedIn(sessions);
    for (const [code, context] of WRONG_CONTEXTS) {
      const refused = { name: "SessionError", code, status: 400 };
      await expect(sessions.start(post(), { subject: "ann", ...context })).rejects.toMatchObject(refused);
      await expect(sessions.update(browser.request("/"), context)).rejects.toMatchObject(refused);
      const again = browser.request("/", { method: "POST" });
      await expect(sessions.reauthenticate(again, { subject: "ann", ...context })).rejects.toMatchObject(
        refused,
      );
    }
    expect((await sessions.check(browser.request("/"))).status).toBe("active");
    expect(await sessions.endEverything()).toBe(1);
  });

  test("an attribute that is undefined is not said", async () => {
    const { sessions } = verifier();
    const attributes = untyped({ ward: "north", floor: undefined });
    const { session } = await sessions.start(post(), { subject: "ann", attributes });
    expect(session.attributes).toEqual({ ward: "north" });
    expect(await sessions.list("ann")).toHaveLength(1);
  });

  test("a call about nobody is refused, so that nobody takes it for done", async () => {
    const { sessions } = verifier();
    await sessions.start(post(), { subject: "ann" });
    for (const nobody of [undefined, null, "", 5, {}].map(untyped)) {
      await expect(sessions.endAll(nobody)).rejects.toMatchObject({ code: "bad-subject" });
      await expect(sessions.list(nobody)).rejects.toMatchObject({ code: "bad-subject" });
      await expect(sessions.end(nobody)).rejects.toMatchObject({ code: "bad-sid" });
      await expect(sessions.find(nobody)).rejects.toMatchObject({ code: "bad-sid" });
      await expect(sessions.endOthers(nobody)).rejects.toMatchObject({ code: "bad-sid" });
      await expect(sessions.endOwn(nobody)).rejects.toMatchObject({ code: "bad-id" });
      await expect(sessions.moved(nobody, "own-session-id-0001")).rejects.toMatchObject({ code: "bad-id" });
    }
    expect(await sessions.list("ann")).toHaveLength(1);
  });

  test("an end for a reason that no app has ends nothing, and leaves a record that can be read", async () => {
    const { sessions } = verifier();
    const { sid } = (await sessions.start(post(), { subject: "ann" })).session;
    for (const reason of ["logout", "idle", "", null].map(untyped)) {
      const refused = { code: "bad-reason", status: 400 };
      await expect(sessions.end(sid, reason)).rejects.toMatchObject(refused);
      await expect(sessions.endAll("ann", reason)).rejects.toMatchObject(refused);
      await expect(sessions.endOthers(sid, reason)).rejects.toMatchObject(refused);
      await expect(sessions.endOwn("own-session-id-0001", reason)).rejects.toMatchObject(refused);
    }
    expect(await sessions.list("ann")).toHaveLength(1);
  });
});

test.each(["authentictedAt", "authenticated_at", "authTime", "auth_time", "role", "orphan"])(
  "a sign-in with the option %s, which nobody reads, is refused: what it says would count as left out",
  async (key) => {
    const { sessions, clock } = createTestVerifier();
    const browser = await TestBrowser.signedIn(sessions);
    const told = { [key]: clock.now() - 3_600_000 };
    const refused = { code: "unknown-option", message: expect.stringContaining(`"${key}"`) };
    await expect(sessions.start(post(), { subject: "ann", ...told })).rejects.toMatchObject(refused);
    await expect(
      sessions.reauthenticate(browser.request("/", { method: "POST" }), { subject: "ann", ...told }),
    ).rejects.toMatchObject(refused);
    await expect(sessions.update(browser.request("/"), told)).rejects.toMatchObject(refused);
    expect(await sessions.list("ann")).toHaveLength(1);
  },
);

test("the option that was meant is named", async () => {
  const { sessions } = createTestVerifier();
  const misspelt = { subject: "ann", authenticated_at: 1 };
  await expect(sessions.start(post(), misspelt)).rejects.toThrow('did you mean "authenticatedAt"?');
});

test("identify() that answers with another type lets nobody in, writes nothing, and the log says why", async () => {
  const wrong: [string, object][] = [
    ["id", { id: undefined }],
    ["id", { id: "" }],
    ["subject", { subject: 5 }],
    ["roles", { roles: "admin" }],
    ["attributes", { attributes: { ward: null } }],
  ];
  for (const [what, members] of wrong) {
    const lines: string[] = [];
    const logger = { info: () => {}, warn: () => {}, error: (line: string) => lines.push(line) };
    const { sessions, clock, audit } = createTestVerifier({
      logger,
      identify: () =>
        untyped({ id: "own-session-id-0001", subject: "ann", authenticatedAt: clock.now(), ...members }),
    });
    expect((await sessions.check(new Request("https://app.test/"))).status).toBe("unavailable");
    expect(lines.join()).toMatch(new RegExp(`identify\\(\\) answered with (?:a )?${what}`));
    expect(audit).toEqual([]);
    expect(await sessions.endEverything()).toBe(0);
  }
});

test("identify() that answers with undefined knows of nobody", async () => {
  const { sessions } = createTestVerifier({ identify: () => untyped(undefined) });
  expect((await sessions.check(new Request("https://app.test/"))).status).toBe("none");
});
