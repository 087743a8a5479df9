// The scripts (IIFE): the include (`Curfew`), the one for frames and the one for drafts. Then two trees that mirror src/, with an
// entry for each public room and each program: ES modules for bundlers, and CommonJS for programs that are not bundled, with
// ES modules over it that give its names to `import`.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { posix } from "node:path";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import terser from "@rollup/plugin-terser";
import esbuild from "rollup-plugin-esbuild";
import { ROOM_SOURCES } from "./scripts/rooms.mjs";

const own = (path) => new URL(path, import.meta.url);
const manifest = JSON.parse(readFileSync(own("package.json"), "utf8"));
const programs = Object.values(manifest.bin).map((file) => file.replace(/^dist\/|\.js$/g, ""));
const packages = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];

const scriptWith = (format) => ({
  format: "iife",
  sourcemap: true,
  plugins: [terser({ ecma: 2020, compress: { passes: 3 }, format })],
});
const script = scriptWith({});

/** Where it is streamed, Chromium compiles all of it as it arrives, beside the main thread: https://v8.dev/blog/explicit-compile-hints */
const COMPILED_BESIDE = scriptWith({ preamble: "//# allFunctionsCalledOnLoad" });

/**
 * What the library's other channels need: the choice of one, defaults for files, storage and IndexedDB, a look whether
 * there is a channel at all. The client asks for the browser's own, and finds out by opening it. All that would be a fifth of
 * the library, and leave a global behind in Node.
 */
const NOT_NEEDED = {
  "method-chooser.js": () =>
    'import { NativeMethod } from "./methods/native.js"; export const chooseMethod = () => NativeMethod;',
  "options.js": () => "export const fillOptionsWithDefaults = (options) => options;",
  "methods/native.js": (code) =>
    without(code, "canBeUsed: canBeUsed,", "averageResponseTime: averageResponseTime,"),
};

/** @throws Error where the library has changed, and with it what can be left out */
function without(code, ...parts) {
  for (const part of parts)
    if (!code.includes(part)) throw new Error(`broadcast-channel has no "${part}" any more`);
  return parts.reduce((rest, part) => rest.replace(part, ""), code);
}

const nativeChannelOnly = {
  name: "native-channel-only",
  load(id) {
    const [, name] = /broadcast-channel\/dist\/esbrowser\/(.+)$/.exec(id.replaceAll("\\", "/")) ?? [];
    return NOT_NEEDED[name]?.(readFileSync(id, "utf8")) ?? null;
  },
};

/** What the sources read beside themselves, the build carries along: nothing is left behind where an app is bundled or traced. */
const CARRIED = {
  "server/http/script-texts.ts": () => {
    const names = ["curfew", "curfew-frame", "curfew-drafts"];
    const texts = names.map((name) => [name, readFileSync(own(`dist/script/${name}.js`), "utf8")]);
    return `const TEXTS = ${JSON.stringify(Object.fromEntries(texts))}; export const scriptText = (name) => TEXTS[name];`;
  },
  "cli/init/texts.ts": () => {
    const sources = ["guide", "frameworks"].map((name) =>
      readFileSync(own(`src/cli/init/${name}.ts`), "utf8"),
    );
    const paths = [...sources.join("").matchAll(/packageText\(\s*"([^"]+)",?\s*\)/g)].map(([, path]) => path);
    const texts = Object.fromEntries(paths.map((path) => [path, readFileSync(own(path), "utf8")]));
    return `const TEXTS = ${JSON.stringify(texts)}; export const packageText = (path) => TEXTS[path];`;
  },
  "server/platform/version.ts": () =>
    `export const packageVersion = () => ${JSON.stringify(manifest.version)};`,
};

const carried = {
  name: "carried",
  load(id) {
    const [, name] = /\/src\/(.+)$/.exec(id.replaceAll("\\", "/")) ?? [];
    return CARRIED[name]?.() ?? null;
  },
};

/** The modules that are bundled with their libraries: one has no door to the native channel alone, the other no CommonJS. */
const WITH_LIBRARY = ["browser/tabs/channel", "server/policy/likely-key"];
const isWithLibrary = (id) => WITH_LIBRARY.some((name) => id.endsWith(`/${posix.basename(name)}.js`));
const isExternal = (id) =>
  id.startsWith("node:") || packages.some((name) => id === name || id.startsWith(`${name}/`));

/** Pages that webpack 4 bundles take the CommonJS, and it reads nothing newer. */
const ES2019 = esbuild({ include: /\/src\/(?!server|cli|testing)/, target: "es2019" });
const ES2022 = esbuild({ target: "es2022" });

/** Beside the CommonJS, for `import`: the names of each room, which are the same objects; and what runs each program. */
const importable = {
  name: "importable",
  writeBundle(_options, bundle) {
    for (const { isEntry, name, exports, code } of Object.values(bundle)) {
      if (!isEntry) continue;
      const isProgram = programs.includes(name);
      const file = isProgram ? `dist/${name}.js` : `dist/import/${name}.js`;
      const from = JSON.stringify(posix.relative(posix.dirname(file), `dist/cjs/${name}.js`));
      const runs = `${code.split("\n")[0]}\nimport ${from};\n`;
      mkdirSync(own(posix.dirname(file)), { recursive: true });
      writeFileSync(own(file), isProgram ? runs : `export { ${exports.join(", ")} } from ${from};\n`);
    }
  },
};

function trees({ dir, entries, compile, plugins = [], output }) {
  const mirrored = {
    input: entries.map((name) => `src/${name}.ts`),
    external: (id) => isExternal(id) || isWithLibrary(id),
    plugins: [carried, nodeResolve(), ...compile, ...plugins],
    output: {
      ...output,
      dir,
      preserveModules: true,
      preserveModulesRoot: "src",
      entryFileNames: "[name].js",
    },
  };
  const withLibrary = WITH_LIBRARY.map((name) => ({
    input: `src/${name}.ts`,
    external: isExternal,
    plugins: [nativeChannelOnly, nodeResolve({ browser: name.startsWith("browser/") }), ...compile],
    output: { ...output, file: `${dir}/${name}.js` },
  }));
  return [mirrored, ...withLibrary];
}

const scripts = [
  {
    input: "src/script-include.ts",
    plugins: [nativeChannelOnly, nodeResolve({ browser: true }), ES2022],
    output: { ...COMPILED_BESIDE, file: "dist/script/curfew.js", name: "Curfew", exports: "named" },
  },
  ...["frame", "drafts"].map((name) => ({
    input: `src/${name}-include.ts`,
    plugins: [nodeResolve({ browser: true }), ES2022],
    output: { ...script, file: `dist/script/curfew-${name}.js` },
  })),
];

export default [
  ...scripts,
  ...trees({
    dir: "dist",
    entries: ROOM_SOURCES,
    compile: [ES2022],
    output: { format: "es", sourcemap: true },
  }),
  ...trees({
    dir: "dist/cjs",
    entries: [...ROOM_SOURCES, ...programs],
    compile: [ES2019, ES2022],
    plugins: [importable],
    output: { format: "cjs", exports: "named", esModule: true, interop: "auto" },
  }),
];
