// The sub-paths of the package, one line each: the only place to add one. The build writes the manifest's `exports` from it.
import { posix } from "node:path";

/** The source below src/ of each sub-path; `browser` where a bundler takes another one for pages. */
export const ROOMS = {
  ".": "index",
  "./warning": "warning/index",
  "./notice": "notice/index",
  "./locales": "locales/index",
  "./drafts": "drafts/index",
  "./script-include": "script-include.types",
  "./react": "react/index",
  "./vue": "vue/index",
  "./frame": "frame/index",
  "./server": "server/index",
  "./server/sqlite": "server/stores/sqlite/store",
  "./server/redis": "server/stores/redis/store",
  "./server/postgres": "server/stores/postgres/store",
  "./server/oidc": "server/idp/oidc",
  "./server/audit-sinks": "server/audit/sinks/index",
  "./server/watch": "server/watch/index",
  "./server/metrics": "server/metrics/index",
  "./server/fastify": "server/adapters/fastify",
  "./server/hono": "server/adapters/hono",
  "./server/web": "server/adapters/web",
  "./evidence": "evidence/index",
  "./store-conformance": "testing/store-conformance",
  "./testing": { source: "testing/index", browser: "testing/browser" },
};

const sourcesOf = (room) => (typeof room === "string" ? { source: room } : room);

/** Every source that is an entry of the build. */
export const ROOM_SOURCES = Object.values(ROOMS).flatMap((room) => Object.values(sourcesOf(room)));

/**
 * What bundlers take is the ES modules, for `import` and for `require`. What a program takes that is not bundled is
 * CommonJS, by `import` too: one implementation, and so one state, however it is loaded, on every Node of `engines`.
 */
function targetOf(room, types, loaded) {
  const { source, browser } = sourcesOf(room);
  const of = (name) => ({ module: `./dist/${name}.js`, default: `./dist/${loaded}/${name}.js` });
  return {
    types: `./dist/${types}${source}.d.ts`,
    ...(browser === undefined ? {} : { browser: of(browser) }),
    ...of(source),
  };
}

export function exportsOf(rooms) {
  const targets = Object.entries(rooms).map(([path, room]) => [
    path,
    { import: targetOf(room, "", "import"), require: targetOf(room, "cjs/", "cjs") },
  ]);
  return { ...Object.fromEntries(targets), "./package.json": "./package.json" };
}

/**
 * A folder with a manifest for each sub-path, for what does not read `exports`: TypeScript's `node10`, webpack 4, ESLint's
 * import plugin. They stand at the package's root, in the tarball only.
 * @returns `[folder, manifest]`
 */
export function foldersOf(rooms) {
  return Object.entries(rooms)
    .filter(([path]) => path !== ".")
    .map(([path, room]) => {
      const { source, browser } = sourcesOf(room);
      const inDist = (name) => posix.relative(path, `dist/cjs/${name}`);
      const fields = { main: inDist(`${source}.js`), types: inDist(`${source}.d.ts`) };
      return [path, { ...fields, ...(browser === undefined ? {} : { browser: inDist(`${browser}.js`) }) }];
    });
}
