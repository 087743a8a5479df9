// Frameworks that trace or bundle a server when they build it: what they start afterwards, from the files that they have put
// together alone, serves the scripts and words.
import { cpSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runProgram } from "../package/project.js";
import { expectScriptsAndWords, expectSuccess, type House, makeHouse, startServer } from "./house.js";

const SESSIONS = `
  import { createSessionVerifier } from "curfew/server/web";
  import { memoryStore } from "curfew/server";
  export const sessions = createSessionVerifier({
    policy: { idle: "15m", absolute: "12h" },
    store: memoryStore(),
    signInUrl: "/login",
  });
`;

/** Starts what was built where nothing of the house is left, and asks it. */
async function expectAlone(
  house: House,
  built: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
) {
  const installed = join(house.folder, "node_modules/curfew");
  const kept = join(house.folder, "kept-curfew");
  cpSync(installed, kept, { recursive: true });
  const alone = join(house.folder, "alone");
  cpSync(join(house.folder, built), alone, { recursive: true, verbatimSymlinks: true });
  renameSync(join(house.folder, "node_modules"), join(house.folder, "moved"));
  const server = await startServer(alone, command, env);
  try {
    await expect
      .poll(
        () =>
          fetch(server.url).then(
            () => true,
            () => false,
          ),
        { timeout: 30_000 },
      )
      .toBe(true);
    await expectScriptsAndWords(server.url, (file) => readFileSync(join(kept, file), "utf8"));
  } finally {
    await server.stop();
    rmSync(alone, { recursive: true, force: true });
  }
}

const PORT = { PORT: "4387", HOST: "127.0.0.1", HOSTNAME: "127.0.0.1", NODE_ENV: "development" };

describe("Next, standalone", () => {
  test.each([
    ["bundled", ""],
    ["external", 'serverExternalPackages: ["curfew"],'],
  ])("with Curfew %s", async (_name, more) => {
    const house = await makeHouse({
      packages: ["next@16.4.6", "react@19.3.1", "react-dom@19.3.1"],
      files: {
        "next.config.mjs": `export default { output: "standalone", ${more} turbopack: { root: import.meta.dirname } };`,
        "app/layout.js": "export default ({ children }) => <html lang='en'><body>{children}</body></html>;",
        "app/page.js": "export default () => <p>Hello</p>;",
        "lib/sessions.js": SESSIONS,
        "app/curfew/[...path]/route.js": `
          import { sessions } from "../../../lib/sessions.js";
          const handle = (request) => sessions.handle(request);
          export { handle as GET, handle as POST };`,
      },
    });
    const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1" };
    expectSuccess(
      await runProgram(process.execPath, ["node_modules/next/dist/bin/next", "build"], house.folder, env),
    );
    await expectAlone(house, ".next/standalone", [process.execPath, "server.js"], PORT);
  });
});

test("Nuxt", async () => {
  const house = await makeHouse({
    packages: ["nuxt@4.3.1"],
    manifest: { type: "module" },
    files: {
      "nuxt.config.ts":
        'export default defineNuxtConfig({ compatibilityDate: "2026-01-01", telemetry: false });',
      "app.vue": "<template><p>Hello</p></template>",
      "server/utils/sessions.ts": SESSIONS,
      "server/routes/curfew/[...path].ts":
        "export default defineEventHandler((event) => sessions.handle(toWebRequest(event)));",
    },
  });
  expectSuccess(await house.run("node_modules/nuxt/bin/nuxt.mjs", "build"));
  await expectAlone(house, ".output", [process.execPath, "server/index.mjs"], PORT);
});

test("SvelteKit", async () => {
  const house = await makeHouse({
    packages: [
      "@sveltejs/kit@2",
      "@sveltejs/adapter-node@5",
      "@sveltejs/vite-plugin-svelte@6",
      "svelte@5",
      "vite@7",
    ],
    manifest: { type: "module" },
    files: {
      "vite.config.js": `
        import { sveltekit } from "@sveltejs/kit/vite";
        export default { plugins: [sveltekit()] };`,
      "svelte.config.js": `
        import adapter from "@sveltejs/adapter-node";
        export default { kit: { adapter: adapter() } };`,
      "src/app.html":
        "<!doctype html><html lang='en'><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>",
      "src/routes/+page.svelte": "<p>Hello</p>",
      "src/lib/sessions.js": SESSIONS,
      "src/hooks.server.js": `
        import { sessions } from "$lib/sessions.js";
        export const handle = ({ event, resolve }) =>
          event.url.pathname.startsWith("/curfew/") ? sessions.handle(event.request) : resolve(event);`,
    },
  });
  expectSuccess(await house.run("node_modules/vite/bin/vite.js", "build"));
  house.write({ "build/package.json": '{ "type": "module" }' });
  // Its adapter leaves what stands in `dependencies` outside, to be installed where it runs.
  cpSync(join(house.folder, "node_modules"), join(house.folder, "build/node_modules"), { recursive: true });
  await expectAlone(house, "build", [process.execPath, "index.js"], PORT);
});
