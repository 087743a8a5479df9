/** Several apps behind sidecars that share a sign-in, each with a store of its own and one for the group. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "./support/program.js";
import { BASIC, cookieFrom, type RunningSidecar, startSidecar } from "./support/sidecar.js";

const folder = temporaryFolder();
let mail: RunningSidecar;
let crm: RunningSidecar;

const store = `sqlite:${join(folder.path, "group.db")}`;

beforeAll(async () => {
  mail = await startSidecar(folder, { ...BASIC, name: "mail", group: { name: "bank", store } });
  const policy = { ...BASIC.policy, activity: "group", justification: "One desk, two apps." };
  crm = await startSidecar(folder, {
    ...BASIC,
    name: "crm",
    policy,
    group: { name: "bank", trusts: ["mail"], store },
  });
});

afterAll(async () => {
  await Promise.all([mail, crm].map(({ program }) => program.stop()));
  folder.remove();
});

const group = "one sign-in by chance";

test("an end with scope=group is a 401 in the other app, whose store is another", async () => {
  const begun = await mail.call("POST", "/sessions", { subject: "ann", group });
  const cookie = cookieFrom(await crm.call("POST", "/sessions", { subject: "ann-7", group }));
  expect((await crm.check(cookie)).status).toBe(204);
  const { sid } = begun.body;
  expect((await mail.call("DELETE", `/sessions/${sid}?scope=all`)).status).toBe(400);
  expect((await mail.call("DELETE", `/sessions/${sid}?reason=signed-out&scope=group`)).status).toBe(204);
  expect((await crm.check(cookie)).status).toBe(401);
});

test("a group that can be guessed is refused", async () => {
  expect(await mail.call("POST", "/sessions", { subject: "ann", group: "ann" })).toMatchObject({
    body: { code: "bad-group" },
  });
});
