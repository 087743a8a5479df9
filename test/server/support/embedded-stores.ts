/** The same tests on each store that needs no server: every verifier is closed, and every file gone, after its test. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe } from "vitest";
import { memoryStore } from "../../../src/server/stores/memory.js";
import { sqliteStore } from "../../../src/server/stores/sqlite/store.js";
import type { SessionStore } from "../../../src/server/stores/store.js";
import { createTestVerifier, type TestVerifier } from "./test-verifier.js";

const closing: (() => unknown)[] = [];

const STORES: Readonly<Record<string, () => SessionStore>> = {
  memory: memoryStore,
  sqlite() {
    const folder = mkdtempSync(join(tmpdir(), "curfew-"));
    closing.push(() => rmSync(folder, { recursive: true }));
    return sqliteStore(join(folder, "sessions.db"));
  },
};

/** @param what goes on after "on the memory store" */
export function describeEmbeddedStores(what: string, tests: (verifier: () => TestVerifier) => void): void {
  describe.each(Object.entries(STORES))(`on the %s store${what}`, (_name, open) => {
    afterEach(async () => {
      for (const close of closing.splice(0)) await close();
    });
    tests(() => {
      const made = createTestVerifier({ store: open() });
      closing.unshift(() => made.sessions.close());
      return made;
    });
  });
}
