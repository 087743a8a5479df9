/** `curfew policy diff` as a pipeline calls it: two files, and the exit code that it goes by. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { runInProcess } from "./support/command.js";
import { type Folder, temporaryFolder } from "./support/program.js";
import { BASIC, writeConfig } from "./support/sidecar.js";

let folder: Folder;

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const POLICY = { idle: "15m", absolute: "12h", rules: [{ roles: ["teller"], idle: "5m", warning: "2m" }] };

function diff(before: object, after: object, ...more: readonly string[]) {
  const files = [before, after].map((policy, at) =>
    writeConfig(folder, { ...BASIC, policy: { ...POLICY, ...policy } }, `${at}.json`),
  );
  return runInProcess(folder.file("."), ["policy", "diff", ...files, ...more]);
}

test("policies that give the same exit with 0, whatever they are called", async () => {
  const { code, text } = await diff({ name: "one" }, { name: "two", idle: "900s" });
  expect([code, text.split("\n").at(-1)]).toEqual([0, "Nobody gets anything else."]);
});

test("a policy that is only stricter exits with 3", async () => {
  const { code, text } = await diff({}, { absolute: "8h" });
  expect(code).toBe(3);
  expect(text).toContain("stricter  absolute: 12h → 8h");
});

test("a policy of which anything is looser exits with 4, says that first, and of whom", async () => {
  const rules = [{ roles: ["teller"], idle: "10m", warning: "2m" }];
  const { code, text } = await diff({}, { absolute: "8h", rules });
  expect(code).toBe(4);
  expect(text.split("\n")[1]).toBe("looser    idle: 5m → 10m");
  expect(text).toContain('looser    idle: 5m → 10m\n          role "teller" from 203.0.113.1');
});

test("--json prints the list", async () => {
  const { code, text } = await diff({}, { media: "1m" }, "--json");
  expect(code).toBe(4);
  expect(JSON.parse(text)).toEqual([
    { effect: "looser", key: "media", from: "none", to: "1m", cases: ["everybody"] },
  ]);
});

test("a configuration that is wrong stops it, and is named", async () => {
  const { code, text } = await diff({}, { absolute: "never" });
  expect(code).toBe(1);
  expect(text).toContain("policy.absolute");
});
