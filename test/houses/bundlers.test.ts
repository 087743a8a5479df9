// The bundlers that apps are built with, from the tarball: a page with the client, the warning and a wrapper, and a server in
// one file, which must serve its scripts and words.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { runProgram } from "../package/project.js";
import { expectScriptsAndWords, expectSuccess, type House, makeHouse, startServer } from "./house.js";

const PAGE = `
  import { createSessionClient } from "curfew";
  import { attachWarning } from "curfew/warning";
  import { keepDrafts } from "curfew/drafts";
  import { de } from "curfew/locales";
  import { useSession } from "curfew/react";
  const session = createSessionClient({ base: "/curfew" });
  attachWarning(session, { locale: de });
  keepDrafts(session);
  console.log(useSession);
`;

const SERVER = `
  import { createServer } from "node:http";
  import { createSessionVerifier } from "curfew/server";
  import { sqliteStore } from "curfew/server/sqlite";
  const sessions = createSessionVerifier({
    policy: { idle: "15m", absolute: "12h" },
    store: sqliteStore(":memory:"),
    signInUrl: "/login",
  });
  const server = createServer((request, response) => sessions.routes()(request, response, () => response.end()));
  server.listen(0, "127.0.0.1", () => console.log("port", server.address().port));
`;

/** Fails for a warning too, where it names Curfew: a library has some of its own. */
const WEBPACK = (target: string, entry: string, file: string) => `
  require(process.argv[2])({
    mode: "production", target: "${target}", context: __dirname, entry: "./${entry}",
    output: { path: __dirname + "/built", filename: "${file}" }, performance: { hints: false },
  }, (error, stats) => {
    if (error) throw error;
    const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
    const ours = warnings.filter((warning) => JSON.stringify(warning).includes("node_modules/curfew/"));
    console.log(JSON.stringify([...errors, ...ours], null, 1));
    process.exitCode = errors.length + ours.length > 0 ? 1 : 0;
  });
`;

let house: House;
const read = (file: string) => readFileSync(join(house.folder, "node_modules/curfew", file), "utf8");

beforeAll(async () => {
  house = await makeHouse({
    packages: [
      "webpack-5@npm:webpack@5.113.0",
      "webpack-4@npm:webpack@4.47.0",
      "esbuild@0.28.2",
      "rollup@4.67.4",
      "@rollup/plugin-node-resolve@16.0.3",
      "@rollup/plugin-commonjs@28",
      "vite@7",
      "parcel@2.16.4",
      "react@19",
      "libsql@0.5.29",
    ],
    files: {
      "page.js": PAGE,
      "server.mjs": SERVER,
      "webpack-page-5.cjs": WEBPACK("web", "page.js", "webpack-5.js"),
      "webpack-page-4.cjs": WEBPACK("web", "page.js", "webpack-4.js"),
      "webpack-server.cjs": WEBPACK("node", "server.mjs", "webpack-server.cjs"),
      "rollup.config.mjs": `
        import commonjs from "@rollup/plugin-commonjs";
        import { nodeResolve } from "@rollup/plugin-node-resolve";
        const onwarn = (warning) => { throw new Error(warning.message) };
        const page = { input: "page.js", output: { file: "built/rollup.js" }, external: ["react"], plugins: [nodeResolve({ browser: true })], onwarn };
        const server = (format, file) => ({ input: "server.mjs", output: { file, format }, plugins: [nodeResolve({ preferBuiltins: true }), commonjs()] });
        export default [page, server("es", "built/rollup-server.mjs"), server("cjs", "built/rollup-server.cjs")];`,
      "vite/index.html": '<script type="module" src="/page.js"></script>',
      "vite/page.js": PAGE,
      "vite/server.mjs": SERVER,
      "parcel/index.html": '<script type="module" src="page.js"></script>',
      "parcel/page.js": PAGE,
    },
  });
});

/** A page's code holds the client and one language, and nothing of the server. */
function expectPage(...path: string[]): void {
  const code = readFileSync(join(house.folder, ...path), "utf8");
  expect(code).toContain("Angemeldet bleiben");
  expect(code).not.toMatch(/node:|sqlite|Ingelogd/i);
}

/** A program of its own, and no script. */
const esbuild = (...args: readonly string[]) =>
  runProgram(join(house.folder, "node_modules/esbuild/bin/esbuild"), args, house.folder);

async function expectServer(file: string): Promise<void> {
  const server = await startServer(house.folder, [process.execPath, file]);
  try {
    await expectScriptsAndWords(server.url, read);
  } finally {
    await server.stop();
  }
}

describe("a page is built by", () => {
  test.each([
    ["webpack 4", "webpack-page-4.cjs", "webpack-4"],
    ["webpack 5", "webpack-page-5.cjs", "webpack-5"],
  ])("%s", async (_name, script, library) => {
    // Webpack 4 hashes by what OpenSSL 3 has no more.
    const flags = library === "webpack-4" ? ["--openssl-legacy-provider"] : [];
    expectSuccess(await house.run(...flags, script, library));
    if (library === "webpack-5") expectPage("built", `${library}.js`);
    // It reads no exports: it takes the CommonJS, and all languages with it.
    else
      expect(readFileSync(join(house.folder, "built/webpack-4.js"), "utf8")).toContain("Angemeldet bleiben");
  });

  test("esbuild", async () => {
    expectSuccess(await esbuild("page.js", "--bundle", "--minify", "--outfile=built/esbuild.js"));
    expectPage("built/esbuild.js");
  });

  test("Rollup", async () => {
    expectSuccess(await house.run("node_modules/rollup/dist/bin/rollup", "-c"));
    expectPage("built/rollup.js");
  });

  test("Vite", async () => {
    expectSuccess(await house.run("node_modules/vite/bin/vite.js", "build", "vite"));
    const [file = ""] = readdirSync(join(house.folder, "vite/dist/assets"));
    expectPage("vite/dist/assets", file);
  });

  test.each([false, true])("Parcel, with its packageExports %s", async (packageExports) => {
    const file = join(house.folder, "package.json");
    const own: object = JSON.parse(readFileSync(file, "utf8"));
    house.write({
      "package.json": JSON.stringify({ ...own, "@parcel/resolver-default": { packageExports } }),
    });
    const dist = `parcel/dist-${packageExports}`;
    const args = ["build", "parcel/index.html", "--dist-dir", dist, "--no-source-maps", "--no-cache"];
    expectSuccess(await house.run("node_modules/parcel/lib/bin.js", ...args));
    const built = readdirSync(join(house.folder, dist)).find((name) => name.endsWith(".js")) ?? "";
    // Without it Parcel takes the CommonJS, and all languages with it.
    if (packageExports) expectPage(dist, built);
    else expect(readFileSync(join(house.folder, dist, built), "utf8")).toContain("Angemeldet bleiben");
  });
});

describe("a server in one file serves its scripts and words, made by", () => {
  test("webpack 5", async () => {
    expectSuccess(await house.run("webpack-server.cjs", "webpack-5"));
    await expectServer("built/webpack-server.cjs");
  });

  test.each(["es", "cjs"])("Rollup, as %s", async (format) => {
    await expectServer(`built/rollup-server.${format === "es" ? "mjs" : "cjs"}`);
  });

  test.each([
    ["esm", "mjs"],
    ["cjs", "cjs"],
  ])("esbuild, as %s", async (format, ending) => {
    const banner = `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`;
    const flags = [
      "--bundle",
      "--platform=node",
      `--format=${format}`,
      `--outfile=built/esbuild-server.${ending}`,
    ];
    const needed = format === "esm" ? [`--banner:js=${banner}`] : [];
    expectSuccess(await esbuild("server.mjs", ...flags, ...needed));
    await expectServer(`built/esbuild-server.${ending}`);
  });

  test("Vite for a server, with everything in it", async () => {
    house.write({
      "vite/server.config.mjs":
        'export default { build: { ssr: "server.mjs", outDir: "server" }, ssr: { noExternal: true, external: ["libsql"] } };',
    });
    expectSuccess(
      await house.run("node_modules/vite/bin/vite.js", "build", "vite", "--config", "vite/server.config.mjs"),
    );
    const [file = ""] = readdirSync(join(house.folder, "vite/server")).filter((name) => /js$/.test(name));
    await expectServer(`vite/server/${file}`);
  });
});
