/** The examples as a reader gets them: a copy in a folder of its own, with Curfew installed from its packed tarball. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

export type Environment = Readonly<Record<string, string>>;

export interface Running {
  readonly url: string;
  stop(): Promise<void>;
}

export interface Example {
  /** Changes one of its files. @throws Error where that changes nothing */
  rewrite(file: string, change: (text: string) => string): void;
  /** Runs a program of the example's own `node_modules` to its end. @throws Error with what it printed */
  run(program: string, args: readonly string[], environment?: Environment): void;
  /** Starts Node on these arguments; resolves with the first URL that is printed. */
  start(args: readonly string[], environment: Environment): Promise<Running>;
  /** Stops what was started, the last first, and removes the folder. */
  remove(): Promise<void>;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const NOT_SOURCE = new Set(["node_modules", "dist", ".next", ".nuxt", ".output"]);
const URL_PRINTED = /http:\/\/127\.0\.0\.1:\d+(?=\D)/;
/** Tools colour what they print where the environment says so. */
const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

/** Copies the example `name` and installs it. @throws Error where `npm run build` has not been run */
export function installExample(name: string): Example {
  if (!existsSync(join(ROOT, "dist/index.js")))
    throw new Error("dist/ is missing, and the examples install it: run npm run build first");
  const folder = mkdtempSync(join(tmpdir(), `curfew-${name}-`));
  const app = join(folder, "app");
  cpSync(join(ROOT, "examples", name), app, {
    recursive: true,
    filter: (path) => !NOT_SOURCE.has(basename(path)),
  });
  // Without `prepack`, which builds: other tests run on what is built.
  const packed = npm(ROOT, "pack", "--silent", "--ignore-scripts", "--pack-destination", folder).trim();
  pointAt(packed, join(app, "package.json"));
  npm(app, "install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error");
  const running: Running[] = [];
  return {
    rewrite(file, change) {
      const text = readFileSync(join(app, file), "utf8");
      if (change(text) === text) throw new Error(`nothing was changed in ${file}`);
      writeFileSync(join(app, file), change(text));
    },
    run(program, args, environment) {
      runToEnd(process.execPath, [binOf(app, program), ...args], app, environment);
    },
    async start(args, environment) {
      const started = await start(app, args, environment);
      running.push(started);
      return started;
    },
    async remove() {
      for (const started of running.reverse()) await started.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Readers install the folder that the example stands in; the test what would be published. */
function pointAt(tarball: string, manifest: string): void {
  const text = readFileSync(manifest, "utf8");
  if (!text.includes('"file:../.."')) throw new Error(`${manifest} does not name curfew as "file:../.."`);
  writeFileSync(manifest, text.replace('"file:../.."', JSON.stringify(`file:../${tarball}`)));
}

function npm(folder: string, ...args: readonly string[]): string {
  return runToEnd("npm", args, folder);
}

/** Compilers say what is wrong on the standard output, which Node's own error leaves out. */
function runToEnd(
  command: string,
  args: readonly string[],
  cwd: string,
  environment: Environment = {},
): string {
  const shell = command === "npm" && process.platform === "win32";
  const options = { cwd, env: clean(environment), shell, encoding: "utf8" } as const;
  const { status, stdout, stderr, error } = spawnSync(command, args, options);
  if (status === 0) return stdout;
  throw new Error(`${[command, ...args].join(" ")} failed:\n${error?.message ?? stdout + stderr}`);
}

/** Windows has no links in `node_modules/.bin`: the program's file is what its package says. */
function binOf(app: string, program: string): string {
  const manifest: unknown = JSON.parse(
    readFileSync(join(app, "node_modules", program, "package.json"), "utf8"),
  );
  const { bin } = manifest as { readonly bin: Readonly<Record<string, string>> };
  const file = program === "typescript" ? bin.tsc : bin[program];
  if (file === undefined) throw new Error(`${program} has no program of that name`);
  return join(app, "node_modules", program, file);
}

/** Starts Node in `app` on these arguments; resolves with the first URL that is printed. */
export async function start(
  app: string,
  args: readonly string[],
  environment: Environment,
): Promise<Running> {
  const env = clean(environment);
  const child = spawn(process.execPath, args, { cwd: app, env, stdio: ["ignore", "pipe", "pipe"] });
  const exited = once(child, "exit");
  let printed = "";
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        printed += chunk.toString().replace(COLOURS, "");
        const [found] = URL_PRINTED.exec(printed) ?? [];
        if (found !== undefined) resolve(found);
      });
    child.once("exit", () => reject(new Error(`the example did not start:\n${printed}`)));
  });
  return {
    url,
    async stop() {
      child.kill();
      await exited;
    },
  };
}

/** Without the settings of whoever runs the tests. */
function clean(environment: Environment): NodeJS.ProcessEnv {
  const theirs = /^(CURFEW_|VITE_|NODE_OPTIONS$|NODE_ENV$|PORT$|PAGE_ORIGIN$|FORCE_COLOR$)/;
  const kept = Object.entries(process.env).filter(([name]) => !theirs.test(name));
  return { ...Object.fromEntries(kept), ...environment };
}
