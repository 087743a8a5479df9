import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { publint } from "publint";
import { describe, expect, inject, test } from "vitest";
import { exportedPaths, manifest, ROOT, rooms, runNode } from "./project.js";

const tarball = inject("tarball");
const installed = join(inject("consumer"), "node_modules/curfew");

const files = readdirSync(installed, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(installed, join(entry.parentPath, entry.name)).split(sep).join("/"));
const maps = files.filter((file) => file.endsWith(".map"));
const read = (file: string) => readFileSync(join(installed, file), "utf8");

describe("the tarball", () => {
  test("holds the build, the documents and nothing else", () => {
    const allowed = /^(?:dist|docs)\/|^(?:README|LICENSE|SECURITY|CHANGELOG)(?:\.md)?$|^package\.json$/;
    expect(files.filter((file) => !allowed.test(file))).toEqual([]);
    for (const file of ["README.md", "LICENSE", "SECURITY.md", "CHANGELOG.md", "docs/protocol.md"])
      expect(files).toContain(file);
  });

  test("holds every file that the manifest points to", () => {
    const missing = exportedPaths().filter((path) => !files.includes(path.replace("./", "")));
    expect(missing).toEqual([]);
  });

  test("holds the words for the script include", () => {
    expect(Object.keys(JSON.parse(read("dist/locales/en.json"))).length).toBeGreaterThan(0);
  });

  test("holds the licences of what is bundled into it", () => {
    const licences = read("dist/third-party-licences.txt");
    for (const name of ["broadcast-channel", "idb-keyval"])
      expect(licences).toMatch(RegExp(`^${name}$`, "m"));
    const bundled = maps.flatMap((file) => {
      const { sources }: { sources: string[] } = JSON.parse(read(file));
      return sources.flatMap((source) => source.split("node_modules/")[1]?.split("/")[0] ?? []);
    });
    expect([...new Set(bundled)].sort()).toEqual(["broadcast-channel", "idb-keyval"]);
  });

  test("has a program that runs, and names what runs it", async () => {
    for (const file of Object.values(manifest.bin)) {
      expect(read(file)).toMatch(/^#!\/usr\/bin\/env node\n/);
      const { code, stdout } = await runNode([join(installed, file), "--version"]);
      expect([code, stdout]).toEqual([0, `${manifest.version}\n`]);
    }
  });

  test("gives every module its declarations", () => {
    const modules = files.filter((file) => file.endsWith(".js") && !file.startsWith("dist/script/"));
    expect(modules.length).toBeGreaterThan(50);
    expect(modules.filter((file) => !files.includes(file.replace(/\.js$/, ".d.ts")))).toEqual([]);
  });

  test("has the changelog of its version", () => {
    expect(read("CHANGELOG.md")).toContain(`## [${manifest.version}]`);
  });

  test("mentions no folder of the machine that built it", () => {
    expect(files.filter((file) => read(file).includes(ROOT))).toEqual([]);
  });
});

describe("a source map", () => {
  test("carries its sources, for src/ is not in the tarball", () => {
    expect(maps.length).toBeGreaterThan(0);
    const without = maps.filter((file) => {
      const { sources, sourcesContent } = JSON.parse(read(file));
      return sourcesContent?.length !== sources.length || sourcesContent.includes(null);
    });
    expect(without).toEqual([]);
  });

  test("points to nothing outside the package", () => {
    const outside = maps.flatMap((file) => {
      const { sources, sourceRoot = "" }: { sources: string[]; sourceRoot?: string } = JSON.parse(read(file));
      const place = dirname(join(installed, file));
      return sources.filter((source) => !resolve(place, sourceRoot, source).startsWith(installed + sep));
    });
    expect(outside).toEqual([]);
  });
});

describe("the manifest", () => {
  test("is clean for publint, suggestions included", async () => {
    const { buffer, byteOffset, byteLength } = readFileSync(tarball);
    const bytes = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
    const { messages } = await publint({ strict: true, pack: { tarball: bytes } });
    expect(messages).toEqual([]);
  });

  test("leads TypeScript to the right types", async () => {
    const attw = join(ROOT, "node_modules/@arethetypeswrong/cli/dist/index.js");
    const { code, stdout } = await runNode([attw, tarball, "--profile", "esm-only", "--no-color"]);
    for (const room of rooms) expect(stdout).toContain(`"${room}"`);
    expect(code, stdout).toBe(0);
  });
});
