import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { ROOT } from "./project.js";

interface LockModule {
  lockMistakes(lock: { packages: Record<string, object> }): string[];
}
const { lockMistakes }: LockModule = await import(pathToFileURL(`${ROOT}/scripts/check-lock.mjs`).href);

const parent = { optionalDependencies: { "tool-linux": "1.0.0", "tool-mac": "1.0.0" } };

test("a lock with every platform's package is sound, wherever the packages stand", () => {
  const packages = {
    "": {},
    "node_modules/a/node_modules/tool": parent,
    "node_modules/a/node_modules/tool-linux": {},
    "node_modules/tool-mac": {},
  };
  expect(lockMistakes({ packages })).toEqual([]);
});

test("a platform's package that is missing is a mistake", () => {
  const packages = { "": {}, "node_modules/tool": parent, "node_modules/tool-linux": {} };
  expect(lockMistakes({ packages })).toEqual([
    "tool-mac, an optional dependency of node_modules/tool, is missing",
  ]);
});

test("a package of the same name below another package does not count", () => {
  const packages = {
    "node_modules/tool": parent,
    "node_modules/tool-linux": {},
    "node_modules/b/node_modules/tool-mac": {},
  };
  expect(lockMistakes({ packages })).toHaveLength(1);
});

test("an address to download from is a mistake", () => {
  const packages = { "node_modules/a": { resolved: "https://example.org/a.tgz" } };
  expect(lockMistakes({ packages })).toEqual([
    "node_modules/a names where it was downloaded from: https://example.org/a.tgz",
  ]);
});
