/** The one way to a client, where there is no page. */
import { expect, test } from "vitest";
import { createSessionClient } from "../../src/browser/session-client.js";

test("does nothing in Node and stays connecting", async () => {
  const session = createSessionClient();
  expect(session.state).toEqual({ status: "connecting" });
  expect(await session.refresh()).toEqual({ status: "connecting" });
  expect(session.remaining()).toBeNull();
  expect(session.subscribe(() => {})()).toBeUndefined();
  await expect(session.extend()).rejects.toMatchObject({ name: "CurfewError", code: "no-session" });
});
