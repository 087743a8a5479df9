import { expect, test } from "vitest";
import { describeEmbeddedStores } from "./support/embedded-stores.js";
import { TestBrowser } from "./support/test-browser.js";
import { createTestVerifier } from "./support/test-verifier.js";

const LONE = ["a\ud800", "a\udc00", "\ud800", "\udc00\ud800", "\ud83da"];
const PAIR = "a\u{1f600}";
const ILL_FORMED = { code: "ill-formed", status: 400 };
const post = () => new Request("https://app.test/sign-in", { method: "POST" });

describeEmbeddedStores(" a lone surrogate", (verifier) => {
  test("starts no session, in the subject, a role, an attribute's name or its value", async () => {
    const { sessions, audit } = verifier();
    for (const text of LONE)
      for (const options of [
        { subject: text },
        { subject: "ann", roles: ["nurse", text] },
        { subject: "ann", attributes: { [text]: true } },
        { subject: "ann", attributes: { station: text } },
      ])
        await expect(sessions.start(post(), options)).rejects.toMatchObject(ILL_FORMED);
    expect(await sessions.list("ann")).toEqual([]);
    expect(audit).toEqual([]);
    await sessions.start(post(), { subject: PAIR, roles: [PAIR], attributes: { [PAIR]: PAIR } });
    expect(await sessions.list(PAIR)).toMatchObject([{ subject: PAIR, roles: [PAIR] }]);
  });

  test("changes no session", async () => {
    const { sessions } = verifier();
    const browser = await TestBrowser.signedIn(sessions);
    for (const text of LONE) {
      for (const changes of [{ roles: [text] }, { attributes: { a: text } }]) {
        await expect(sessions.update(browser.request("/"), changes)).rejects.toMatchObject(ILL_FORMED);
        await expect(
          sessions.reauthenticate(browser.request("/", { method: "POST" }), { subject: "ann", ...changes }),
        ).rejects.toMatchObject(ILL_FORMED);
      }
    }
    expect(await sessions.list("ann")).toMatchObject([{ roles: [], attributes: {} }]);
  });

  test("lists nobody's sessions and ends nobody's", async () => {
    const { sessions } = verifier();
    await sessions.start(post(), { subject: "a\ufffd" });
    for (const text of LONE) {
      await expect(sessions.list(text)).rejects.toMatchObject(ILL_FORMED);
      await expect(sessions.endAll(text)).rejects.toMatchObject(ILL_FORMED);
    }
    expect(await sessions.list("a\ufffd")).toHaveLength(1);
  });
});

test("an own id with a lone surrogate starts, moves and ends nothing", async () => {
  const { sessions } = createTestVerifier({ identify: () => null });
  const id = "own-session-id-0001";
  const lone = `${id}\ud800`;
  await expect(sessions.start(post(), { subject: "ann", id: lone })).rejects.toMatchObject(ILL_FORMED);
  await sessions.start(post(), { subject: "ann", id });
  await expect(sessions.moved(id, lone)).rejects.toMatchObject(ILL_FORMED);
  await expect(sessions.moved(lone, id)).rejects.toMatchObject(ILL_FORMED);
  await expect(sessions.endOwn(lone)).rejects.toMatchObject(ILL_FORMED);
  await expect(
    sessions.start(post(), { subject: "ann", id: "own-session-id-0002", previousId: lone }),
  ).rejects.toMatchObject(ILL_FORMED);
  expect(await sessions.list("ann")).toHaveLength(1);
});

test.each([
  ["id", { id: "own-session-id-0001\ud800" }],
  ["subject", { subject: "ann\ud800" }],
  ["role", { roles: ["\ud800"] }],
  ["attribute", { attributes: { a: "\ud800" } }],
])(
  "identify() that answers with a lone surrogate in the %s lets nobody in, and the log says why",
  async (_name, changes) => {
    const lines: string[] = [];
    const logger = { info: () => {}, warn: () => {}, error: (line: string) => lines.push(line) };
    const { sessions, clock, audit } = createTestVerifier({
      logger,
      identify: () => ({
        id: "own-session-id-0001",
        subject: "ann",
        authenticatedAt: clock.now(),
        ...changes,
      }),
    });
    expect((await sessions.check(new Request("https://app.test/"))).status).toBe("unavailable");
    expect(lines.join()).toMatch(
      /identify\(\) answered with (?:id|subject|roles|attributes) with a lone surrogate/,
    );
    expect(audit).toEqual([]);
  },
);
