import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Metafile } from "esbuild";
import { describe, expect, inject, test } from "vitest";
import { manifest, rooms, roomsWithNames, runNode } from "./project.js";

const consumer = inject("consumer");
/** They are the app's, and Vue does touch the global object. */
const PEERS = ["react", "vue"];

const IMPORT_AND_COMPARE = `
  const [room, ...peers] = process.argv.slice(1);
  for (const peer of peers) await import(peer);
  const before = new Set(Object.getOwnPropertyNames(globalThis));
  const names = Object.keys(await import(room));
  const added = Object.getOwnPropertyNames(globalThis).filter((name) => !before.delete(name));
  process.exitCode = added.length > 0 || before.size > 0 || names.length === 0 ? 1 : 0;
  if (process.exitCode) console.log({ room, added, removed: [...before], names });
`;

/** What a page has, and Node may have too. (An element's class does look for the HTMLElement that it extends.) */
const PLATFORM = `
  window document navigator location self indexedDB localStorage sessionStorage BroadcastChannel MessageChannel fetch
  crypto performance setTimeout setInterval queueMicrotask addEventListener customElements CSSStyleSheet matchMedia
  Date Intl Request Response Headers
`;

/** The dependencies come first, and they and Node's own loader look at things too: only a look by the package itself counts. */
const IMPORT_UNDER_WATCH = `
  const [room, platform, ...packages] = process.argv.slice(1);
  // One of them has sub-paths alone, and nothing at its root.
  for (const name of packages) await import(name).catch(() => {});
  const touched = [];
  const ours = "/node_modules/" + room.split("/")[0] + "/";
  const isOurs = () => new Error().stack.split("\\n")[3].includes(ours);
  for (const name of platform.trim().split(/\\s+/)) {
    const value = globalThis[name];
    const get = () => (isOurs() && touched.push(name), value);
    Object.defineProperty(globalThis, name, { configurable: true, get });
  }
  await import(room);
  console.log(JSON.stringify(touched));
`;

function importUnderWatch(room: string) {
  const packages = [...PEERS, ...Object.keys(manifest.dependencies)];
  const args = ["--input-type=module", "-e", IMPORT_UNDER_WATCH, room, PLATFORM, ...packages];
  return runNode(args, consumer);
}

describe("in bare Node", () => {
  test.each(rooms)("%s looks at nothing of the platform while it is imported", async (room) => {
    expect(await importUnderWatch(room)).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
  });

  test("a module that does look is seen", async () => {
    const folder = join(consumer, "node_modules/curious");
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), '{ "type": "module", "exports": "./index.js" }');
    writeFileSync(join(folder, "index.js"), "export const hasFetch = typeof fetch; setTimeout(() => {}, 0);");
    expect((await importUnderWatch("curious")).stdout).toBe('["fetch","setTimeout"]\n');
  });

  test.each(roomsWithNames)("%s imports without touching a global or saying a word", async (room) => {
    const args = ["--input-type=module", "-e", IMPORT_AND_COMPARE, room, ...PEERS];
    expect(await runNode(args, consumer)).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});

interface Bundle {
  readonly code: string;
  /** The files in it and the packages left outside. */
  readonly files: string[];
  readonly imports: string[];
}

async function bundleOf(room: string, names = "*"): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export ${names} from "${room}";`, resolveDir: consumer },
    absWorkingDir: consumer,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: PEERS,
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  return {
    code: outputFiles[0]?.text ?? "",
    files: Object.keys(metafile.inputs),
    imports: importsOf(metafile),
  };
}

const importsOf = ({ outputs }: Metafile) =>
  Object.values(outputs).flatMap((output) => output.imports.map(({ path }) => path));

describe("a page that imports", () => {
  test.each([
    "curfew",
    "curfew/warning",
    "curfew/notice",
    "curfew/locales",
    "curfew/react",
    "curfew/vue",
    "curfew/testing",
  ])("%s loads nothing of the server", async (room) => {
    const { code, files } = await bundleOf(room);
    expect(code).not.toMatch(/node:|sqlite/i);
    expect(files.filter((file) => file.includes("dist/server/"))).toEqual([]);
  });

  test("curfew alone loads no framework and no warning", async () => {
    const { code, files, imports } = await bundleOf("curfew");
    expect(imports).toEqual([]);
    expect(code).not.toMatch(/\b(?:react|vue|regeneratorRuntime)\b/i);
    expect(files.filter((file) => /dist\/(?:warning|react|vue)\//.test(file))).toEqual([]);
  });

  test("one language of curfew/locales brings no other", async () => {
    const { code } = await bundleOf("curfew/locales", "{ de }");
    expect(code).toContain("Angemeldet bleiben");
    expect(code).not.toMatch(/Ingelogd|Maintenir|Stay signed in/);
  });

  test("curfew/testing gets the half that needs no server, and Node gets both", async () => {
    const { code } = await bundleOf("curfew/testing");
    expect(code).toContain("createTestSession");
    expect(code).not.toContain("createTestClock");
    const list = 'console.log(Object.keys(await import("curfew/testing")).sort().join());';
    const { stdout } = await runNode(["--input-type=module", "-e", list], consumer);
    expect(stdout).toBe("createTestClock,createTestSession,signIn\n");
  });

  test("curfew/react loads React and no Vue", async () => {
    const { code, imports } = await bundleOf("curfew/react");
    expect(imports).toEqual(["react"]);
    expect(code).not.toMatch(/vue/i);
  });

  test("curfew/vue loads Vue and no React", async () => {
    const { code, imports } = await bundleOf("curfew/vue");
    expect(imports).toEqual(["vue"]);
    expect(code).not.toMatch(/react\b/i);
  });
});

test("every dependency is used by the built package", async () => {
  const programs = Object.values(manifest.bin).map((file) => join(consumer, "node_modules/curfew", file));
  const { metafile } = await build({
    stdin: {
      contents: [...rooms, ...programs].map((file) => `import "${file}";`).join("\n"),
      resolveDir: consumer,
    },
    absWorkingDir: consumer,
    bundle: true,
    format: "esm",
    platform: "node",
    external: [...PEERS, "libsql", ...Object.keys(manifest.dependencies)],
    ignoreAnnotations: true,
    metafile: true,
    write: false,
    outfile: join(consumer, "all.js"),
    logLevel: "silent",
  });
  const used = new Set(importsOf(metafile).map((path) => path.replace(/^((?:@[^/]+\/)?[^/]+).*$/, "$1")));
  expect(Object.keys(manifest.dependencies).filter((name) => !used.has(name))).toEqual([]);
});
