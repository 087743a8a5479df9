// Writes which test begins, before it begins: a test that never lets go of its worker can be named.
import { relative } from "node:path";
import { beforeEach } from "vitest";
import { REPORT_FILE, write } from "./report.mjs";

const report = process.env[REPORT_FILE];

if (report !== undefined)
  beforeEach(({ task: { file, fullTestName: name } }) => {
    const item = relative(process.cwd(), file.filepath);
    write(report, { type: "begin", item, name, pid: process.pid });
  });
