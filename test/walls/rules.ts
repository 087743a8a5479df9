/** The walls as functions of sources, so that each can be shown a planted violation. Every rule returns sentences. */
import { awaitedIn, modulesIn, namesIn, requiredIn } from "./parsed.js";
import { importsOf, resolveImport, roomOf, type Source } from "./sources.js";

/** Which rooms a room may import from besides itself. Arrows go down only; browser and server never meet. */
export const BELOW: Readonly<Record<string, readonly string[]>> = {
  session: [],
  dom: [],
  words: [],
  locales: ["words"],
  protocol: ["session"],
  evidence: ["session", "protocol"],
  browser: ["session", "protocol", "dom"],
  server: ["session", "protocol", "words", "locales", "evidence"],
  warning: ["session", "protocol", "dom", "browser", "words"],
  notice: ["session", "protocol", "dom", "browser", "words"],
  react: ["session", "protocol", "browser", "warning", "notice"],
  vue: ["session", "protocol", "browser", "warning", "notice"],
  drafts: ["session", "protocol", "dom", "browser"],
  frame: ["session", "protocol", "dom", "browser"],
  index: ["session", "protocol", "browser"],
  "script-include": ["session", "protocol", "dom", "browser", "warning"],
  "script-include.types": ["script-include"],
  "frame-include": ["dom", "frame"],
  "drafts-include": ["browser", "dom", "drafts"],
  testing: ["session", "protocol", "browser", "server"],
  cli: ["session", "protocol", "evidence", "server"],
};

/** Above the client only its public type is known. */
const TYPES_ONLY = ["warning", "notice", "drafts", "react", "vue"];
const CLIENT_TYPES = "src/browser/platform/session-client.types.ts";

const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  browser: ["broadcast-channel", "idb-keyval"],
  evidence: ["@noble/hashes/sha2"],
  react: ["react"],
  vue: ["vue"],
  server: [
    "cookie",
    "forwarded-parse",
    "ipaddr.js",
    "leven",
    "ms",
    "on-headers",
    "picomatch",
    "rate-limiter-flexible",
    "valibot",
  ],
  cli: ["@clack/prompts", "commander", "prom-client", "valibot"],
  testing: ["ms"],
};

/** What may be missing where the package runs: asked for by `require` when it is needed, never imported. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  server: ["node:sqlite", "libsql", "ioredis", "pg", "@opentelemetry/api-logs", "pkijs"],
  cli: ["playwright-core"],
};
/** What only its types are taken from: the app brings the package, if it has it. */
const TYPED: Readonly<Record<string, readonly string[]>> = {
  server: ["fastify", "hono", "pkijs"],
  cli: ["playwright-core"],
};
/** ES modules that may be missing where the package runs: asked for by `import()` when they are needed, and by nothing else. */
const AWAITED: Readonly<Record<string, readonly string[]>> = { server: ["jose"] };
/** The rooms that only Node runs. */
const NODE_ROOMS = ["server", "testing", "cli"];
const MAY_BE_MISSING = Object.values(REQUIRED).flat();

export function floorMistakes(sources: readonly Source[]): readonly string[] {
  return sources.flatMap((source) =>
    relativeImports(source).flatMap((target) => {
      const [from, to] = [roomOf(source.path), roomOf(target)];
      if (from === to) return [];
      if (!BELOW[from]?.includes(to)) return [`${source.path} (${from}) imports ${target} (${to})`];
      const reachesIn = TYPES_ONLY.includes(from) && to === "browser" && target !== CLIENT_TYPES;
      return reachesIn ? [`${source.path} knows more of the client than its type: ${target}`] : [];
    }),
  );
}

/** The rooms inside each side, from the ground up; those that share a floor do not know each other. */
export const FLOORS = {
  browser: [
    ["platform"],
    ["verifier", "tabs"],
    ["key", "input"],
    ["ports"],
    ["heartbeat"],
    ["state"],
    ["page"],
    ["methods", "verdict"],
    ["client"],
    ["session-client"],
  ],
  server: [
    ["platform"],
    ["record", "policy"],
    ["audit", "stores"],
    ["lifecycle", "watch", "metrics"],
    ["activity", "key", "subject", "idp", "outbox", "nodes"],
    ["http"],
    ["verifier"],
    ["adapters"],
    ["index"],
  ],
  cli: [
    ["process"],
    ["settings"],
    ["http"],
    ["sidecar", "witness", "doctor", "init", "policy"],
    ["commands"],
    ["program"],
    ["main"],
  ],
} as const satisfies Readonly<Record<string, readonly (readonly string[])[]>>;

/** Arrows go down only inside a side too. */
export function innerFloorMistakes(sources: readonly Source[]): readonly string[] {
  return Object.entries(FLOORS).flatMap(([side, floors]: [string, readonly (readonly string[])[]]) => {
    const floorOf = (room: string) => floors.findIndex((rooms) => rooms.includes(room));
    return sources.flatMap((source) => {
      const from = innerRoomOf(side, source.path);
      if (from === null) return [];
      if (floorOf(from) < 0) return [`${source.path} stands in a room that nobody planned: ${from}`];
      return relativeImports(source).flatMap((target) => {
        const to = innerRoomOf(side, target);
        return to === null || to === from || floorOf(to) < floorOf(from)
          ? []
          : [`${source.path} (${from}) imports ${target} (${to})`];
      });
    });
  });
}

function innerRoomOf(side: string, path: string): string | null {
  return path.startsWith(`src/${side}/`) ? (/^[\w-]+/.exec(path.slice(side.length + 5))?.[0] ?? null) : null;
}

/** What only the rooms that speak HTTP name in their code; `response` is the app's own (`onEnd`). */
const HTTP_WORDS = ["request", "headers", "cookie", "cookies", "statusCode", "setHeader", "query"];
/** Where one of them is another's word: pg asks a database by `query`. */
const NOT_HTTP: Readonly<Record<string, string>> = { "src/server/stores/postgres/driver.ts": "query" };

/** Below `http/` there are subjects, instants and answers: no rule of a session knows how it was asked. */
export function httpMistakes(sources: readonly Source[]): readonly string[] {
  const rooms: readonly (readonly string[])[] = FLOORS.server;
  const below = rooms
    .slice(
      1,
      rooms.findIndex((floor) => floor.includes("http")),
    )
    .flat();
  return sources
    .filter(({ path }) => below.includes(innerRoomOf("server", path) ?? ""))
    .flatMap((source) => {
      const names = namesIn(source);
      return HTTP_WORDS.filter((word) => names.has(word) && NOT_HTTP[source.path] !== word).map(
        (word) => `${source.path} names ${word}`,
      );
    });
}

/** The longest chain of imports from a file on, types included: whoever follows one value reads so many files at most. */
export function longestChain(sources: readonly Source[], from: string): readonly string[] {
  const targets = new Map(sources.map((source) => [source.path, relativeImports(source)]));
  const known = new Map<string, readonly string[]>();
  const chainFrom = (path: string): readonly string[] => {
    const chain = known.get(path);
    if (chain !== undefined) return chain;
    // A circle ends here: `cycles` tells of it.
    known.set(path, [path]);
    const below = (targets.get(path) ?? []).map(chainFrom);
    const longest = below.reduce((longer, one) => (one.length > longer.length ? one : longer), []);
    known.set(path, [path, ...longest]);
    return [path, ...longest];
  };
  return chainFrom(from);
}

export function packageMistakes(sources: readonly Source[]): readonly string[] {
  return sources.flatMap((source) => {
    const room = roomOf(source.path);
    const loaded = modulesIn(source);
    const onlyTyped = (name: string) => TYPED[room]?.includes(name) === true && !loaded.includes(name);
    const onlyAwaited = (name: string) =>
      AWAITED[room]?.includes(name) === true && awaitedIn(source).includes(name);
    const imported = importsOf(source).filter(
      (name) => !name.startsWith(".") && !mayImport(room, name) && !onlyTyped(name) && !onlyAwaited(name),
    );
    const required = requiredIn(source).filter((name) => !REQUIRED[room]?.includes(name));
    return [
      ...imported.map((name) => `${source.path} imports ${name}`),
      ...required.map((name) => `${source.path} requires ${name}`),
    ];
  });
}

function mayImport(room: string, name: string): boolean {
  const isAllowed = name.startsWith("node:") ? NODE_ROOMS.includes(room) : PACKAGES[room]?.includes(name);
  return isAllowed === true && !MAY_BE_MISSING.includes(name);
}

/** An index is a face: nobody inside goes through it. */
export function corridorMistakes(sources: readonly Source[]): readonly string[] {
  return sources.flatMap((source) =>
    relativeImports(source)
      .filter((target) => target.endsWith("/index.ts"))
      .map((target) => `${source.path} goes through ${target}`),
  );
}

/** A face holds named re-exports and nothing else. */
export function faceMistakes(sources: readonly Source[], faces: readonly string[]): readonly string[] {
  return sources
    .filter(({ path }) => faces.includes(path))
    .filter(
      ({ text }) =>
        !/^(?:\/\*\*[\s\S]*?\*\/\s*)?(?:export (?:type )?\{[^}]*\} from "[^"]+";\s*)+$/.test(text),
    )
    .map(({ path }) => `${path} holds more than named re-exports`);
}

export function cycles(sources: readonly Source[]): readonly string[] {
  const targets = new Map(sources.map((source) => [source.path, relativeImports(source)]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) found.push([...way.slice(way.indexOf(path)), path].join(" → "));
    if (done.has(path) || way.includes(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...way, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return found;
}

/** What belongs to the platform: the names by which code reaches it, alone or as a pair, and the packages that wrap it. */
const PLATFORM: Readonly<Record<string, { readonly names?: readonly string[]; readonly module?: RegExp }>> = {
  timers: {
    names: [
      "setTimeout",
      "setInterval",
      "setImmediate",
      "clearTimeout",
      "clearInterval",
      "requestAnimationFrame",
      "requestIdleCallback",
    ],
    module: /^node:timers/,
  },
  "wall clock": { names: ["Date.now", "Date()", "new Date()", "Temporal"] },
  "monotonic clock": { names: ["performance.now", "hrtime"], module: /^node:perf_hooks$/ },
  "request timing": { names: ["getEntriesByName", "getEntriesByType", "PerformanceObserver"] },
  chance: { names: ["Math.random", "getRandomValues", "randomUUID", "randomBytes"] },
  "message task": { names: ["MessageChannel"] },
  network: { names: ["fetch", "sendBeacon", "XMLHttpRequest", "WebSocket"] },
  "event stream": { names: ["EventSource"] },
  "web locks": { names: ["navigator.locks", "locks"] },
  "web crypto": { names: ["crypto.subtle", "subtle"] },
  "local storage": { names: ["localStorage"] },
  "session storage": { names: ["sessionStorage"] },
  IndexedDB: { names: ["indexedDB", "IDBKeyRange"], module: /^idb-keyval$/ },
  "tab channel": { names: ["BroadcastChannel"], module: /^broadcast-channel$/ },
  "constructed sheets": { names: ["CSSStyleSheet", "adoptedStyleSheets"] },
  "media queries": { names: ["matchMedia"] },
  "custom elements": { names: ["customElements"] },
  gestures: { names: ["userActivation"] },
  automation: { names: ["webdriver"] },
  words: { names: ["Intl"] },
  environment: { names: ["process"], module: /^node:process$/ },
  workers: { names: ["Worker", "SharedWorker", "serviceWorker"], module: /^node:worker_threads$/ },
  cookies: { names: ["document.cookie", "cookieStore"], module: /^cookie$/ },
  durations: { module: /^ms$/ },
  addresses: { module: /^ipaddr\.js$/ },
  "proxy headers": { module: /^forwarded-parse$/ },
  SQLite: { module: /^(?:libsql|node:sqlite)$/ },
  Redis: { module: /^ioredis$/ },
  PostgreSQL: { module: /^pg$/ },
  "time-stamps": { module: /^pkijs$/ },
  Fastify: { module: /^fastify$/ },
  Hono: { module: /^hono$/ },
  "command line": { module: /^commander$/ },
  prompts: { module: /^@clack\/prompts$/ },
  metrics: { module: /^prom-client$/ },
  hashing: { module: /^node:crypto$/ },
  files: { module: /^node:fs(?:\/promises)?$/ },
};

/** Node's own modules that more than one file of a side may need. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  server: ["hashing", "files"],
  cli: ["hashing", "files"],
};

/** Who may reach the platform at all; every other room is a function of what it is given, or a face. */
const SIDES = [
  "browser",
  "words",
  "warning",
  "notice",
  "frame",
  "drafts",
  "evidence",
  "server",
  "testing",
  "cli",
];

/** Each platform API is named in at most one file of a side, and in no file of any other room. */
export function platformMistakes(sources: readonly Source[]): readonly string[] {
  return Object.keys(BELOW).flatMap((side) => {
    const files = sources.filter(({ path }) => roomOf(path) === side);
    const most = SIDES.includes(side) ? 1 : 0;
    return Object.entries(PLATFORM)
      .filter(([api]) => !SHARED[side]?.includes(api))
      .map(([api, { names = [], module }]) => {
        const owners = files.filter(
          (file) =>
            names.some((name) => namesIn(file).has(name)) ||
            (module !== undefined &&
              [...importsOf(file), ...requiredIn(file)].some((name) => module.test(name))),
        );
        return { api, owners };
      })
      .filter(({ owners }) => owners.length > most)
      .map(({ api, owners }) => `${api} in ${side}: ${owners.map(({ path }) => path).join(", ")}`);
  });
}

function relativeImports(source: Source): readonly string[] {
  return importsOf(source)
    .filter((name) => name.startsWith("."))
    .map((name) => resolveImport(source.path, name));
}
