import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { publint } from "publint";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { exportedPaths, manifest, ROOT, rooms, runNode, runProgram } from "./project.js";

const tarball = inject("tarball");
const installed = join(inject("consumer"), "node_modules/curfew");

const files = readdirSync(installed, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(installed, join(entry.parentPath, entry.name)).split(sep).join("/"));
const maps = files.filter((file) => file.endsWith(".map"));
const read = (file: string) => readFileSync(join(installed, file), "utf8");

interface Link {
  readonly page: string;
  /** From the package's folder on. */
  readonly path: string;
}

/** The links of a page that lead to no other site. */
function linksOf(page: string): Link[] {
  const targets = [...read(page).matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].map(([, target = ""]) => target);
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => ({ page, path: posix.join(posix.dirname(page), decodeURI(target)).replace(/\/$/, "") }));
}

const examplesIn = (page: string) =>
  [...read(page).matchAll(/examples\/[a-z][a-z-]*/g)].map(([name]) => name);

describe("the tarball", () => {
  test("holds the build, the documents, the examples, a folder for each sub-path and nothing else", () => {
    const folders = rooms.slice(1).map((room) => room.replace("curfew/", ""));
    const allowed =
      /^(?:dist|docs|examples)\/|^(?:README|LICENSE|SECURITY|CHANGELOG)(?:\.md)?$|^package\.json$/;
    const others = files.filter((file) => !allowed.test(file));
    expect(others.sort()).toEqual(folders.map((folder) => `${folder}/package.json`).sort());
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
    for (const name of ["broadcast-channel", "idb-keyval", "leven"])
      expect(licences).toMatch(RegExp(`^${name}$`, "m"));
    const bundled = maps.flatMap((file) => {
      const { sources }: { sources: string[] } = JSON.parse(read(file));
      return sources.flatMap((source) => source.split("node_modules/")[1]?.split("/")[0] ?? []);
    });
    expect([...new Set(bundled)].sort()).toEqual(["broadcast-channel", "idb-keyval", "leven"]);
  });

  test("has a program that runs, and names what runs it", async () => {
    for (const file of Object.values(manifest.bin)) {
      expect(read(file)).toMatch(/^#!\/usr\/bin\/env node\n/);
      const { code, stdout } = await runNode([join(installed, file), "--version"]);
      expect([code, stdout]).toEqual([0, `${manifest.version}\n`]);
    }
  });

  test("gives every module its declarations", () => {
    const modules = files.filter((file) => /^dist\/(?!script\/|import\/).*\.js$/.test(file));
    expect(modules.length).toBeGreaterThan(100);
    expect(modules.filter((file) => !files.includes(file.replace(/\.js$/, ".d.ts")))).toEqual([]);
  });

  test("has the changelog of its version", () => {
    expect(read("CHANGELOG.md")).toContain(`## [${manifest.version}]`);
  });

  test("holds of the examples what is in the repository, and nothing that they make", async () => {
    const { stdout } = await runProgram("git", ["ls-files", "examples"]);
    const tracked = stdout
      .trim()
      .split("\n")
      .filter((file) => !file.endsWith(".npmrc"));
    expect(files.filter((file) => file.startsWith("examples/")).sort()).toEqual(tracked.sort());
  });

  test("holds whatever its documents lead to", () => {
    const led = files.filter((file) => file.endsWith(".md")).flatMap(linksOf);
    expect(led.length).toBeGreaterThan(100);
    const isThere = ({ path }: Link) => files.some((file) => file === path || file.startsWith(`${path}/`));
    expect(led.filter((link) => !isThere(link))).toEqual([]);
  });

  test("holds every example that its documents name", () => {
    const named = files.filter((file) => /^(?:docs\/.*|README)\.md$/.test(file)).flatMap(examplesIn);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !files.some((file) => file.startsWith(`${name}/`)))).toEqual([]);
  });

  test("names no import.meta, which CommonJS does not have", () => {
    expect(files.filter((file) => /^dist\/.*\.js$/.test(file) && /import\.meta/.test(read(file)))).toEqual(
      [],
    );
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
    const { code, stdout } = await runNode([attw, tarball, "--no-color"]);
    for (const room of rooms) expect(stdout).toContain(`"${room}"`);
    expect(code, stdout).toBe(0);
  });
});

test("a tarball made from a clean clone is whole: packing builds it first", async () => {
  expect(manifest.scripts).toMatchObject({
    prepack: "node scripts/build.mjs && node scripts/folders.mjs",
    postpack: "node scripts/folders.mjs --remove",
  });
  const folder = mkdtempSync(join(tmpdir(), "curfew-clone-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const clone = join(folder, "clone");
  const { stdout } = await runProgram("git", [
    "ls-files",
    "-z",
    "--cached",
    "--others",
    "--exclude-standard",
  ]);
  for (const file of stdout.split("\0").filter((file) => file !== "" && existsSync(join(ROOT, file)))) {
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    cpSync(join(ROOT, file), join(clone, file));
  }
  symlinkSync(join(ROOT, "node_modules"), join(clone, "node_modules"), "junction");
  const packed = await runProgram("npm", ["pack", "--pack-destination", folder], clone);
  expect(packed.code, packed.stderr).toBe(0);
  const listed = await runProgram("tar", ["-tzf", join(folder, `curfew-${manifest.version}.tgz`)]);
  const names = listed.stdout
    .trim()
    .split("\n")
    .map((name) => name.replace(/^package\//, ""));
  expect(names.sort()).toEqual([...files].sort());
});

describe("npm publish", () => {
  test("is refused while the manifest does not say where the project lives", async () => {
    expect(manifest.scripts.prepublishOnly).toBe("node scripts/check-publish.mjs");
    const { publishMistakes }: { publishMistakes(manifest: object): string[] } = await import(
      pathToFileURL(join(ROOT, "scripts/check-publish.mjs")).href
    );
    const where = "https://code.example/people/curfew";
    const filled = {
      repository: { type: "git", url: `git+${where}.git` },
      bugs: { url: where },
      homepage: where,
    };
    expect(publishMistakes(filled)).toEqual([]);
    for (const field of Object.keys(filled)) {
      const [mistake, ...more] = publishMistakes({ ...filled, [field]: undefined });
      expect([mistake, more]).toEqual([expect.stringContaining(`package.json has no ${field}; add`), []]);
    }
  });
});
