/** The bytes that a page loads: Curfew's pieces beside what people use today. */
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { bundle } from "./bundle.js";

export interface SizeResult {
  readonly name: string;
  readonly min: number;
  readonly gzip: number;
}

/** What a page has anyway. */
const FRAMEWORKS = [
  "react",
  "react-dom",
  "vue",
  "@angular/core",
  "@angular/common",
  "rxjs",
  "rxjs/operators",
];

const PIECES: Readonly<Record<string, string>> = {
  "Curfew, the client alone": 'export * from "../dist/index.js";',
  "Curfew, the script include with the warning": "./dist/script/curfew.js",
  "react-idle-timer (`useIdleTimer`)":
    'export { useIdleTimer } from "./peers/node_modules/react-idle-timer";',
  "@vueuse/core (`useIdle`)": 'export { useIdle } from "./peers/node_modules/@vueuse/core";',
  "@ng-idle/core (`Idle` and its default interrupts)":
    'export { Idle, provideNgIdle, DEFAULT_INTERRUPTSOURCES } from "./peers/node_modules/@ng-idle/core";',
  "activity-detector": 'import "./peers/node_modules/activity-detector";',
  "activity-detector, broadcast-channel with leader election, HMRC's dialog and idb-keyval":
    'import "./peers/assembled.mjs";',
};

export async function measurePieces(): Promise<readonly SizeResult[]> {
  return Promise.all(
    Object.entries(PIECES).map(async ([name, entry]) => {
      const isFile = entry.startsWith("./dist/");
      const bytes = isFile ? await readFile(entry) : await bundle(entry, { external: FRAMEWORKS });
      return { name, min: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
    }),
  );
}
