/**
 * Imported before all else by a process that is to die: each write to a file, each flush and each renaming becomes a step,
 * before and after it, and the process kills itself with SIGKILL at the step that it is told. Of a write that it dies at,
 * a piece stands in the file.
 */
import fs from "node:fs";
import { open } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

let steps = 0;
let killAt = Number.POSITIVE_INFINITY;
let isQuiet = false;

export function killAtStep(step: number): void {
  killAt = step;
}

/** @param last what is still done where the process dies here */
export function step(last: () => void = () => {}): void {
  if (isQuiet || ++steps !== killAt) return;
  isQuiet = true;
  last();
  process.kill(process.pid, "SIGKILL");
}

/** What the test itself writes is no step. */
export function quietly<T>(work: () => T): T {
  const before = isQuiet;
  isQuiet = true;
  try {
    return work();
  } finally {
    isQuiet = before;
  }
}

type Any = (...values: unknown[]) => unknown;

function stepping(owner: object, name: string, piece?: (whole: Any, values: unknown[]) => void): void {
  const whole: Any = Reflect.get(owner, name);
  Reflect.set(owner, name, function stepped(this: unknown, ...values: unknown[]) {
    const bound: Any = (...given) => whole.apply(this, given);
    step(() => piece?.(bound, values));
    const answer = bound(...values);
    if (answer instanceof Promise)
      return answer.then((value: unknown) => {
        step();
        return value;
      });
    step();
    return answer;
  });
}

/** Of bytes and texts a part, by the place of the step. */
function partOf(data: unknown): unknown {
  if (typeof data !== "string" && !(data instanceof Uint8Array)) return data;
  return data.slice(0, Math.floor((data.length * (killAt % 7)) / 7));
}

stepping(fs, "writeSync", (write, [descriptor, bytes]) => void write(descriptor, partOf(bytes)));
stepping(fs, "writeFileSync", (write, [path, data, options]) => void write(path, partOf(data), options));
for (const name of [
  "renameSync",
  "truncateSync",
  "ftruncateSync",
  "fdatasync",
  "openSync",
  "linkSync",
  "rmSync",
])
  stepping(fs, name);
const handle = await open(process.execPath);
const prototype: unknown = Object.getPrototypeOf(handle);
await handle.close();
// A piece of what is appended: the process dies while the rest is on its way.
stepping(Object(prototype), "writeFile");
for (const name of ["datasync", "truncate"]) stepping(Object(prototype), name);
syncBuiltinESMExports();
