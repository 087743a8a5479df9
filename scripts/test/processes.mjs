// Starts the programs of the tests, and ends them with everything that they have started. Only Node's own modules.
import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** A program hands its environment on, so what it has started is known by this variable, even without its parent. */
const MARK = "TEST_PROGRAM";
/** How long a program may take to end by itself once it is asked to. */
const GRACE = 3_000;

let started = 0;

/**
 * Starts a program in a process group of its own: a terminal's Ctrl-C reaches it through this process alone.
 * @param program `command` and `args`; `env` is added to this process's; `shell` as in Node
 * @param options `cwd`, and `stdio` as in Node; the standard input is empty
 * @returns `ended`, a promise of the exit code (undefined where it did not start or was killed), and `kill()`, which
 *   resolves once it has ended with all that it has started
 */
export function startProgram({ command, args = [], env = {}, shell = false }, { cwd, stdio = "inherit" }) {
  const mark = `${process.pid}-${started++}`;
  const child = spawn(command, args, {
    cwd,
    shell,
    env: { ...process.env, ...env, [MARK]: mark },
    stdio: ["ignore", stdio, stdio],
    detached: process.platform !== "win32",
  });
  const ended = new Promise((resolve) => {
    child.once("exit", (code) => resolve(code ?? undefined));
    child.once("error", (error) => {
      console.error(`"${[command, ...args].join(" ")}": ${error.message}`);
      resolve(undefined);
    });
  });
  return { ended, kill: () => killAll(child, mark) };
}

/** Asks every process of a program to end, what it has left behind too, and ends those that do not. */
async function killAll(child, mark) {
  // The number of a process that has ended may be another's by now.
  const own = () => (child.exitCode === null && child.signalCode === null && child.pid ? [child.pid] : []);
  if (process.platform === "win32") {
    for (const pid of own()) spawnSync("taskkill", ["/pid", String(pid), "/t", "/f"]);
    return;
  }
  const roots = () => [...own(), ...marked(mark)];
  // Noted before the first has ended: an orphan no longer says whose child it was.
  const found = new Set(withDescendants(roots()));
  signal(found, "SIGTERM");
  const giveUpAt = performance.now() + GRACE;
  while (isAnyAlive(found) && performance.now() < giveUpAt)
    await new Promise((resolve) => setTimeout(resolve, 50));
  for (const late of withDescendants(roots())) found.add(late);
  signal(found, "SIGKILL");
}

function signal(pids, name) {
  for (const pid of pids)
    try {
      process.kill(pid, name);
    } catch {
      // It has ended meanwhile.
    }
}

/** Whether any of these processes runs: one that has ended, and that nobody has asked about yet (a zombie), does not. */
export function isAnyAlive(pids) {
  return processes().some(({ pid, state }) => pids.has(pid) && state !== "Z");
}

function withDescendants(roots) {
  const all = processes();
  const found = new Set(all.filter(({ pid }) => roots.includes(pid)).map(({ pid }) => pid));
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

/** Every process of this machine: `pid`, `parent`, `state`. */
function processes() {
  if (process.platform === "linux") return pidsOfProc().flatMap(ofProc);
  const { stdout = "" } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,state="], { encoding: "utf8" });
  return stdout
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\S)/.exec(line))
    .filter((fields) => fields !== null)
    .map(([, pid, parent, state]) => ({ pid: Number(pid), parent: Number(parent), state }));
}

const pidsOfProc = () => readdirSync("/proc").filter((name) => /^\d+$/.test(name));

/** The name stands in brackets and may hold anything; the state and the parent come after it. */
function ofProc(pid) {
  const fields = /^\d+ \(.*\) (\S) (\d+) /s.exec(fileOfProc(pid, "stat"));
  if (fields === null) return [];
  return [{ pid: Number(pid), parent: Number(fields[2]), state: fields[1] }];
}

/** The processes that carry this mark; elsewhere than on Linux nobody may read it. */
function marked(mark) {
  if (process.platform !== "linux") return [];
  const entry = `${MARK}=${mark}`;
  return pidsOfProc()
    .filter((pid) => fileOfProc(pid, "environ").split("\0").includes(entry))
    .map(Number);
}

/** Empty for a process that has ended meanwhile, or that belongs to somebody else. */
function fileOfProc(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}
