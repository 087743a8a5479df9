/** What the attacks start from: a verifier on a clock that stands still, and a browser with a bound key. */
import { createTestKey, ORIGIN, TestBrowser } from "../server/support/test-browser.js";
import { createTestVerifier, MINUTE, type TestVerifier } from "../server/support/test-verifier.js";

export { createTestKey, createTestVerifier, MINUTE, ORIGIN, TestBrowser };

export const IDLE = 15 * MINUTE;
export const ABSOLUTE = 12 * 60 * MINUTE;

export interface Scene extends TestVerifier {
  readonly browser: TestBrowser;
  /** Asks the guard with the browser's cookie. */
  guarded(): Promise<string>;
  /** When the last activity was, by the store. */
  lastActiveAt(): Promise<unknown>;
}

export async function scene(options: Parameters<typeof createTestVerifier>[0] = {}): Promise<Scene> {
  const verifier = createTestVerifier(options);
  const browser = await TestBrowser.signedIn(verifier.sessions);
  return {
    ...verifier,
    browser,
    guarded: async () => (await verifier.sessions.check(browser.request("/api"))).status,
    lastActiveAt: async () => (await verifier.sessions.list("ann"))[0]?.lastActiveAt,
  };
}

export const typesOf = ({ audit }: TestVerifier) => audit.map(({ type }) => type);
