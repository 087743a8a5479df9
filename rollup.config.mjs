// One ESM tree that mirrors src/ (an entry for each public room and each program), and the scripts (IIFE): the include (`Curfew`), the one for frames and the one for drafts.
import { readFileSync } from "node:fs";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import terser from "@rollup/plugin-terser";
import esbuild from "rollup-plugin-esbuild";

const manifest = JSON.parse(readFileSync(new URL("./package.json", import.meta.url), "utf8"));
const rooms = Object.values(manifest.exports).filter((target) => typeof target === "object");
const entries = [
  ...rooms.flatMap(({ types: _types, ...files }) => Object.values(files)),
  ...Object.values(manifest.bin),
].map((file) => file.replace(/^(?:\.\/)?dist\//, "src/").replace(/\.js$/, ".ts"));
const packages = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
const external = (id) =>
  id.startsWith("node:") || packages.some((name) => id === name || id.startsWith(`${name}/`));
const esm = { format: "es", sourcemap: true };
const script = {
  format: "iife",
  sourcemap: true,
  plugins: [terser({ ecma: 2020, compress: { passes: 3 } })],
};

/** The one module that is bundled with its library, which has no door to the native channel alone. */
const CHANNEL = "browser/tabs/channel";

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

export default [
  {
    input: entries,
    external: (id) => external(id) || id === "./channel.js",
    plugins: [nodeResolve(), esbuild({ target: "es2022" })],
    output: {
      ...esm,
      dir: "dist",
      preserveModules: true,
      preserveModulesRoot: "src",
      entryFileNames: "[name].js",
    },
  },
  {
    input: `src/${CHANNEL}.ts`,
    plugins: [nativeChannelOnly, nodeResolve({ browser: true }), esbuild({ target: "es2022" })],
    output: { ...esm, file: `dist/${CHANNEL}.js` },
  },
  {
    input: "src/script-include.ts",
    plugins: [nativeChannelOnly, nodeResolve({ browser: true }), esbuild({ target: "es2022" })],
    output: { ...script, file: "dist/script/curfew.js", name: "Curfew", exports: "named" },
  },
  {
    input: "src/frame-include.ts",
    plugins: [nodeResolve({ browser: true }), esbuild({ target: "es2022" })],
    output: { ...script, file: "dist/script/curfew-frame.js" },
  },
  {
    input: "src/drafts-include.ts",
    plugins: [nodeResolve({ browser: true }), esbuild({ target: "es2022" })],
    output: { ...script, file: "dist/script/curfew-drafts.js" },
  },
];
