/** Each example as a program: its types hold, it starts, and the tests that it shows can fail. */

import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, inject, test, vi } from "vitest";
import { start } from "../../e2e/examples.js";
import { freePort } from "../free-port.js";
import { runProgram } from "../package/project.js";
import { CLIENT, startIdentityProvider } from "../sso/identity-provider.js";
import { folderOf, postJson } from "./installed.js";

const SERVERS = ["ws", "express-session", "better-auth", "bearer-api"];
/** The file that the guarded behaviour is taken out of, and the test that notices. */
const TESTERS = [
  { name: "testing-vitest", file: "src/app.ts", notices: "ends after 15 minutes without activity" },
  { name: "testing-supertest", file: "src/app.ts", notices: "ends after 15 minutes without activity" },
  {
    name: "testing-rtl",
    file: "src/notes-page.tsx",
    notices: "shows no notes after 15 minutes without activity",
  },
];

const BEHIND_PROVIDERS = ["oidc", "oidc-group", "oidc-sidecar"];

test.each([...SERVERS, ...BEHIND_PROVIDERS, "passport", "htmx-turbo", ...TESTERS.map(({ name }) => name)])(
  "%s keeps to its types",
  async (name) => {
    const { code, stdout } = await runProgram("npm", ["run", "--silent", "typecheck"], folderOf(name));
    expect(stdout).toBe("");
    expect(code).toBe(0);
  },
);

test.each(SERVERS)("%s starts, and refuses a wrong password", async (name) => {
  const { signIn, guarded } =
    name === "better-auth"
      ? { signIn: "/api/auth/sign-in/email", guarded: "/notes" }
      : { signIn: "/sign-in", guarded: name === "ws" ? "/events" : "/notes" };
  const PORT = String(await freePort()); // Better Auth must know its own address beforehand
  const { url, stop } = await start(folderOf(name), ["--import", "tsx", "src/start.ts"], { PORT });
  try {
    expect((await fetch(url + guarded)).status).toBe(401);
    const wrong = { name: "ann", email: "ann@example.com", password: "wrong wrong" };
    expect((await postJson(url + signIn, wrong)).status).toBe(401);
    expect(await (await fetch(`${url}/curfew/session`)).json()).toEqual({ v: 1, status: "none" });
  } finally {
    await stop();
  }
});

test.each([
  { name: "oidc", clients: 1 },
  { name: "oidc-group", clients: 2 },
])("$name starts, and sends whoever is not signed in to the provider", async ({ name, clients }) => {
  const [PORT, second] = [await freePort(), await freePort()];
  const provider = await startIdentityProvider(`http://127.0.0.1:${PORT}`);
  const environment = {
    ...{ ISSUER: provider.issuer, CLIENT_SECRET: CLIENT.secret, PORT: String(PORT) },
    ...(clients > 1 ? { SECOND_PORT: String(second) } : {}),
  };
  const { stop } = await start(folderOf(name), ["--import", "tsx", "src/start.ts"], environment);
  try {
    for (const port of [PORT, second].slice(0, clients)) {
      const url = `http://127.0.0.1:${port}`;
      await vi.waitFor(async () => {
        const { status, headers } = await fetch(`${url}/login`, { redirect: "manual" });
        expect([status, new URL(headers.get("location") ?? "").origin]).toEqual([302, provider.issuer]);
      });
    }
  } finally {
    await stop();
    await provider.close();
  }
});

describe.each(TESTERS)("the tests of $name", ({ name, file, notices }) => {
  test("pass", async () => {
    const { code, stdout, stderr } = await runProgram("npm", ["test"], folderOf(name));
    expect(stdout + stderr).not.toMatch(/skipped [1-9]|todo [1-9]/);
    expect(code, stdout + stderr).toBe(0);
  });

  test("fail for an app that has forgotten what they are about", async () => {
    const broken = join(inject("examples"), `${name}-broken`);
    cpSync(folderOf(name), broken, { recursive: true });
    const text = readFileSync(join(broken, file), "utf8");
    const unguarded = text
      .replace(", sessions.guard(),", ",")
      .replace("sessions.guard();", "async () => ({ session: { subject: 'ann' }, headers: {} });")
      .replace(
        'if (state.status === "ended") {',
        'if (state.status === "ended") return <Notes load={loadNotes} isLive />;\n  if (state.status === "ended") {',
      );
    expect(unguarded).not.toBe(text);
    writeFileSync(join(broken, file), unguarded);
    const { code, stdout } = await runProgram("npm", ["test"], broken);
    expect(code).not.toBe(0);
    expect(stripVTControlCharacters(stdout)).toMatch(RegExp(`(×|✖|not ok \\d+ -) ${notices}`));
  });
});
