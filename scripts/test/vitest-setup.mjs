// What every test file of Vitest begins with.
import { relative } from "node:path";
import { beforeEach, vi } from "vitest";
import { paceOf } from "./pace.mjs";
import { REPORT_FILE, write } from "./report.mjs";

const report = process.env[REPORT_FILE];

// A test is told of before it begins: one that never lets go of its worker can be named.
if (report !== undefined)
  beforeEach(({ task: { file, fullTestName: name } }) => {
    const item = relative(process.cwd(), file.filepath);
    write(report, { type: "begin", item, name, pid: process.pid });
  });

// Whoever waits, waits for a fact; the end is far away, for it is there for what never comes.
const timeout = 15_000 * paceOf();
const { waitFor } = vi;
vi.waitFor = (callback, options = {}) =>
  waitFor(callback, typeof options === "number" ? options : { timeout, ...options });
