/** The sidecar hears of the provider's logouts by its public listener, and of all others by its private one. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { send } from "../adapters/support/http-browser.js";
import { CLIENT_ID, type FakeProvider, startFakeProvider } from "../server/support/fake-provider.js";
import { temporaryFolder } from "./support/program.js";
import {
  BASIC,
  cookieFrom,
  type RunningSidecar,
  runCurfew,
  startSidecar,
  writeConfig,
} from "./support/sidecar.js";

const folder = temporaryFolder();
let provider: FakeProvider;
let sidecar: RunningSidecar;

beforeAll(async () => {
  provider = await startFakeProvider(Date.now);
  const idp = { issuer: provider.issuer, clientId: CLIENT_ID, privateAddresses: ["loopback"] };
  sidecar = await startSidecar(folder, { ...BASIC, idp });
});

afterAll(async () => {
  await sidecar.program.stop();
  await provider.close();
  folder.remove();
});

async function signIn(sid: string) {
  const idp = { iss: provider.issuer, sid };
  return cookieFrom(
    await sidecar.call("POST", "/sessions", { subject: "ann", authenticatedAt: Date.now(), idp }),
  );
}

test("a logout token at the public listener ends what came of the provider's session", async () => {
  const [first, other] = [await signIn("one"), await signIn("two")];
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const body = `logout_token=${await provider.token({ sid: "one" })}`;
  expect((await send(sidecar.publicUrl, "POST", "/curfew/idp/logout", { headers, body })).status).toBe(200);
  expect((await send(sidecar.publicUrl, "POST", "/curfew/idp/logout", { headers, body })).body).toMatchObject(
    { code: "jti" },
  );
  expect([(await sidecar.check(first)).status, (await sidecar.check(other)).status]).toEqual([401, 204]);
});

test("an app that has verified a logout by itself names the provider's session", async () => {
  const [first, other] = [await signIn("three"), await signIn("four")];
  const path = (sid: string) => `/sessions?${new URLSearchParams({ iss: provider.issuer, sid })}`;
  expect((await sidecar.call("DELETE", path("three"))).status).toBe(204);
  expect([(await sidecar.check(first)).status, (await sidecar.check(other)).status]).toEqual([401, 204]);
  expect((await sidecar.call("DELETE", `${path("four")}&subject=ann`)).status).toBe(400);
  expect((await sidecar.call("DELETE", path(""))).status).toBe(400);
});

test("a provider that cannot be read is told of at start", async () => {
  const idp = { issuer: "id.example.com", clientId: CLIENT_ID };
  const program = runCurfew(["serve", "--config", writeConfig(folder, { ...BASIC, idp }, "wrong.json")]);
  expect(await program.ended).toBe(1);
  expect(program.lines.join("\n")).toContain("issuer must be a URL");
});
