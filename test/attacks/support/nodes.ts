/** The stores that attacks are tried on, and as many nodes over one of them as an attack needs. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import type { SessionVerifier } from "../../../src/server/adapters/node.js";
import { memoryStore } from "../../../src/server/stores/memory.js";
import { sqliteStore } from "../../../src/server/stores/sqlite/store.js";
import type { SessionStore } from "../../../src/server/stores/store.js";
import type { SessionVerifierOptions } from "../../../src/server/verifier/options.js";
import { TestBrowser } from "../../server/support/test-browser.js";
import { createTestClock, type TestClock } from "../../server/support/test-clock.js";
import { createTestVerifier, type TestVerifier } from "../../server/support/test-verifier.js";

export interface Nodes {
  readonly clock: TestClock;
  /** The SQLite file; null in memory. */
  readonly file: string | null;
  /** Another node over the same store; `wrap` puts something between the node and the store. */
  add(options?: Partial<SessionVerifierOptions>, wrap?: (store: SessionStore) => SessionStore): TestVerifier;
}

const closing: (() => unknown)[] = [];

/** Closed when the test is over. */
export function atEnd(close: () => unknown): void {
  closing.push(close);
}

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function nodesOver(clock: TestClock, file: string | null, open: () => SessionStore): Nodes {
  return {
    clock,
    file,
    add(options = {}, wrap = (store) => store) {
      const node = createTestVerifier({ store: wrap(open()), ...options });
      atEnd(() => node.sessions.close());
      return { ...node, clock };
    },
  };
}

/** For `describe.each`: the stores that need nothing but this process. Redis has tests of its own. */
export const STORES: readonly { readonly name: string; open(): Nodes }[] = [
  {
    name: "in memory",
    open() {
      const clock = createTestClock();
      const store = memoryStore({ clock });
      return nodesOver(clock, null, () => store);
    },
  },
  {
    name: "in SQLite",
    open() {
      const clock = createTestClock();
      const folder = mkdtempSync(join(tmpdir(), "curfew-"));
      atEnd(() => rmSync(folder, { recursive: true, force: true }));
      const file = join(folder, "sessions.db");
      return nodesOver(clock, file, () => sqliteStore(file, { clock }));
    },
  },
];

/** The same browser, profile and all, talking to another node: cookie, key and last status are copied. */
export function copyOf(browser: TestBrowser, sessions: SessionVerifier): TestBrowser {
  const { cookie, status } = browser;
  return Object.assign(new TestBrowser(sessions, browser.key), { cookie, status });
}
