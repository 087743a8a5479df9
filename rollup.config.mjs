// One ESM tree that mirrors src/ (an entry for each public room and each program), and one script include (IIFE, `Curfew`).
import { readFileSync } from "node:fs";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import terser from "@rollup/plugin-terser";
import esbuild from "rollup-plugin-esbuild";

const manifest = JSON.parse(readFileSync(new URL("./package.json", import.meta.url), "utf8"));
const rooms = Object.values(manifest.exports).filter((target) => typeof target === "object");
const entries = [...rooms.map((target) => target.default), ...Object.values(manifest.bin)].map((file) =>
  file.replace(/^(?:\.\/)?dist\//, "src/").replace(/\.js$/, ".ts"),
);
const packages = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
const external = (id) =>
  id.startsWith("node:") || packages.some((name) => id === name || id.startsWith(`${name}/`));

/** The client asks for the native channel only; the library's fallbacks would be a fifth of the script include. */
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
    external,
    plugins: [nodeResolve(), esbuild({ target: "es2022" })],
    output: {
      dir: "dist",
      format: "es",
      sourcemap: true,
      preserveModules: true,
      preserveModulesRoot: "src",
      entryFileNames: "[name].js",
    },
  },
  {
    input: "src/script-include.ts",
    plugins: [nativeChannelOnly, nodeResolve({ browser: true }), esbuild({ target: "es2022" })],
    output: {
      file: "dist/script/curfew.js",
      format: "iife",
      name: "Curfew",
      exports: "named",
      sourcemap: true,
      plugins: [terser({ ecma: 2020, compress: { passes: 3 } })],
    },
  },
];
