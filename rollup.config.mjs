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

/** The client asks for no other; the library's fallbacks would be a tenth of it, and leave a global behind in Node. */
const nativeChannelOnly = {
  name: "native-channel-only",
  load(id) {
    if (!/broadcast-channel\/dist\/esbrowser\/method-chooser\.js$/.test(id.replaceAll("\\", "/")))
      return null;
    return 'import { NativeMethod } from "./methods/native.js"; export const chooseMethod = () => NativeMethod;';
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
