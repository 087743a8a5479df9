/** The example behind a real nginx and a real sidecar, with a real provider: every part a process of its own but the provider. */

import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { startProgram, temporaryFolder } from "../cli/support/program.js";
import { startNginx } from "../cli/support/proxies.js";
import { BASIC, startSidecar, TOKEN } from "../cli/support/sidecar.js";
import { freePort } from "../free-port.js";
import { CLIENT, startIdentityProvider } from "../sso/identity-provider.js";
import { Person } from "../sso/person.js";
import { folderOf } from "./installed.js";

async function open() {
  vi.spyOn(console, "warn").mockReturnValue();
  vi.spyOn(console, "info").mockReturnValue();
  const folder = temporaryFolder();
  const [port, appPort] = [await freePort(), await freePort()];
  const origin = `http://127.0.0.1:${port}`;
  const provider = await startIdentityProvider(origin, { callback: "/login" });
  const policy = { idle: "4s", absolute: "1h", warning: "2s", unsafeForTesting: true };
  const idp = { issuer: provider.issuer, clientId: CLIENT.id, privateAddresses: ["loopback"] };
  const sidecar = await startSidecar(folder, { ...BASIC, policy, idp });
  const app = startProgram(
    process.execPath,
    ["--import", "tsx", join(folderOf("oidc-sidecar"), "src/app.ts")],
    {
      PORT: String(appPort),
      ORIGIN: origin,
      ISSUER: provider.issuer,
      CLIENT_SECRET: CLIENT.secret,
      CURFEW_PRIVATE: sidecar.privateAt,
      CURFEW_SERVICE_TOKEN: TOKEN,
    },
  );
  await app.line(/^App ready on/);
  const nginx = await startNginx(folder, { sidecar, appPort }, "", port);
  onTestFinished(async () => {
    await Promise.all([nginx.program, app, sidecar.program].map((program) => program.stop()));
    await provider.close();
    folder.remove();
    vi.restoreAllMocks();
  });
  return { origin, issuer: provider.issuer, sidecar };
}

test("a person signs in by the provider, is asked again after an idle end, and is out when they leave the provider", async () => {
  const { origin, issuer, sidecar } = await open();
  const ann = new Person();
  const liveOnes = async () => (await sidecar.call("GET", "/sessions?subject=ann")).body.sessions;
  expect((await ann.visit(`${origin}/`)).text).toContain("Hello, ann");
  await vi.waitFor(async () => expect(await liveOnes()).toEqual([]), { timeout: 60_000 });

  const { text, way } = await ann.visit(`${origin}/`);
  expect(text).toContain("Hello, ann");
  const asked = way
    .filter(({ pathname }) => pathname === "/auth")
    .map(({ searchParams }) => searchParams.get("prompt"));
  expect([asked, ann.passwords]).toEqual([["login"], 2]);

  const page = await ann.visit(`${issuer}/session/end`);
  const xsrf = /name="xsrf" value="(\w+)"/.exec(page.text)?.[1] ?? "";
  await ann.visit(`${issuer}/session/end/confirm`, null, new URLSearchParams({ xsrf, logout: "yes" }));
  await vi.waitFor(async () => expect(await liveOnes()).toEqual([]), { timeout: 60_000 });
  expect((await ann.visit(`${origin}/`, null)).text).toContain("Your name and password, please");
});
