/** A store hands out what it has read before: what an app does with a session of one request is in no other. */
import { expect, test } from "vitest";
import { createTestKey, TestBrowser } from "../server/support/test-browser.js";
import { paced } from "../timing.js";
import { describeEveryStore } from "./support/every-store.js";

/** What an app that is not written in TypeScript may do. */
function decorate(session: object): void {
  const { roles, attributes } = session as { roles: string[]; attributes: Record<string, string> };
  roles.push("admin");
  attributes.ward = "all";
}

describeEveryStore(paced(60_000), (open) => {
  test("roles and attributes that an app adds for a request are of that request alone", async () => {
    const every = open();
    const { sessions } = await every.node();
    const browser = new TestBrowser(sessions, await createTestKey());
    await browser.signIn("ann", { roles: ["user"], attributes: { ward: "north" } });
    await browser.bind();
    const check = async () => {
      const checked = await sessions.check(browser.request("/"));
      if (checked.status !== "active") throw new Error(`the session is ${checked.status}`);
      return checked.session;
    };
    const own = { roles: ["user"], attributes: { ward: "north" } };
    for (let request = 0; request < 3; request++) {
      const session = await check();
      expect(session).toMatchObject(own);
      decorate(session);
      const { sid } = session;
      const found = await sessions.find(sid);
      expect(found).toMatchObject(own);
      decorate(found ?? {});
      expect((await sessions.check(browser.request("/"), { roles: ["admin"] })).status).toBe("forbidden");
      every.clock.advance(60_000);
      expect((await browser.beat(every.clock.now())).status).toBe(200);
    }
    const other = await every.node();
    expect(await other.sessions.find((await check()).sid)).toMatchObject(own);
  });
});
