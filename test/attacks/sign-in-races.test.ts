/** Sign-ins that race the end of all sessions, or each other, on two nodes. */
import { describe, expect, test, vi } from "vitest";
import type { SessionStore } from "../../src/server/stores/store.js";
import { ORIGIN } from "../server/support/test-browser.js";
import { STORES } from "./support/nodes.js";

const signInPost = () => new Request(`${ORIGIN}/sign-in`, { method: "POST" });

describe.each(STORES)("$name", ({ open }) => {
  test("64: sign-ins that two nodes had begun when a third ended all sessions die with them", async () => {
    const nodes = open();
    let waiting = 0;
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    // They have taken their places and are about to write their records.
    const held = (store: SessionStore): SessionStore => ({
      ...store,
      async insert(record) {
        if (record.subject === "ann" && ++waiting <= 40) await gate;
        return store.insert(record);
      },
    });
    const [here, there, ender] = [nodes.add({}, held), nodes.add({}, held), nodes.add()];
    const signIns = Promise.allSettled(
      [...Array(40)].map((_, at) => (at % 2 ? here : there).sessions.start(signInPost(), { subject: "ann" })),
    );
    await vi.waitFor(() => expect(waiting).toBe(40));
    await ender.sessions.endAll("ann");
    go();
    for (const result of await signIns)
      expect(result).toMatchObject({ status: "rejected", reason: { code: "revoked" } });
    expect(await ender.sessions.list("ann")).toEqual([]);
    await here.sessions.start(signInPost(), { subject: "ann" });
    expect(await there.sessions.list("ann")).toHaveLength(1);
  });

  test("65: of 60 sign-ins on two nodes at once no more live than the policy allows", async () => {
    const nodes = open();
    const policy = { idle: "15m", absolute: "12h", warning: "2m", maxSessions: 3 } as const;
    const [here, there] = [nodes.add({ policy }), nodes.add({ policy })];
    const results = await Promise.allSettled(
      [...Array(60)].map((_, at) => (at % 2 ? here : there).sessions.start(signInPost(), { subject: "ann" })),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    expect(await here.sessions.list("ann")).toHaveLength(3);
  });
});
