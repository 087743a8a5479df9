/** Two apps that share a sign-in, each with a browser's tab of the same person. */
import { expect } from "vitest";
import type { PolicyOptions } from "../../../src/server/policy/policy.types.js";
import type { SessionStore } from "../../../src/server/stores/store.js";
import type { SessionVerifierOptions } from "../../../src/server/verifier/options.js";
import { createTestKey, TestBrowser } from "./test-browser.js";
import { createTestVerifier, MINUTE, type TestVerifier } from "./test-verifier.js";

export const SIGN_IN = "one sign-in by chance";
export const IDLE = 15 * MINUTE;
export const SHARED = {
  idle: "15m",
  absolute: "12h",
  warning: "2m",
  activity: "group",
  justification: "One desk, several apps: people work in one at a time.",
} as const satisfies PolicyOptions;

export interface GroupApp extends TestVerifier {
  /** A browser that signs in to the app with the group's sign-in, and binds its key unless told otherwise. */
  tab(more?: Readonly<Record<string, unknown>>): Promise<TestBrowser>;
}

/** An app of the group `bank`. */
export function groupApp(
  name: string,
  trusts: readonly string[],
  options: Partial<SessionVerifierOptions> & {
    readonly store: SessionStore;
    readonly groupStore?: SessionStore;
  },
): GroupApp {
  const { groupStore, ...others } = options;
  const verifier = createTestVerifier({
    name,
    policy: trusts.length > 0 ? SHARED : { idle: "15m", absolute: "12h", warning: "2m" },
    group: { name: "bank", trusts, ...(groupStore === undefined ? {} : { store: groupStore }) },
    ...others,
  });
  return {
    ...verifier,
    async tab({ bind = true, ...more } = {}) {
      const browser = new TestBrowser(verifier.sessions, await createTestKey());
      await browser.signIn("ann", { group: SIGN_IN, ...more });
      if (bind) expect((await browser.bind()).status).toBe(200);
      return browser;
    },
  };
}

/** What a browser's question is answered: `active`, or how the session ended. */
export async function asked(browser: TestBrowser): Promise<unknown> {
  const { status, body } = await browser.ask();
  return status === 200 ? body.status : body.reason;
}
