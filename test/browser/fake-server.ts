/** The verifier that adopters' tests get, with a cookie that tests may take away, signatures that are checked, and a clock of its own. */
import type { Answer, Transport } from "../../src/browser/verifier/transport.js";
import type { DismissWarning } from "../../src/protocol/policy-words.js";
import type { PublicJwk } from "../../src/protocol/public-jwk.js";
import type { EndReason } from "../../src/session/end.js";
import { createTestVerifier, type TestRules, type TestVerifier } from "../../src/testing/test-verifier.js";
import type { FakeClock } from "./fake-clock.js";

type Signed = { readonly signingInput: string; readonly signature: Uint8Array<ArrayBuffer> };

export class FakeServer implements TestRules {
  readonly idleTimeout = 60_000;
  readonly absoluteTimeout = 600_000;
  readonly warningPeriod = 20_000;
  readonly heartbeatInterval = 6000;
  readonly signInUrl = "/login";
  name = "curfew";
  dismissWarning: DismissWarning = "explicit";
  /** How soon a page in sight learns of an end elsewhere; 0: the policy does not say. */
  reach = 0;
  /** The server's clock minus the test's. */
  offset = 1_700_000_000_000;
  readonly #clock: FakeClock;
  readonly #verifier: TestVerifier;

  constructor(clock: FakeClock) {
    this.#clock = clock;
    const own = { monotonic: () => clock.monotonic(), wall: () => this.now() };
    this.#verifier = createTestVerifier(this, { clock: own, isSignedBy });
  }

  now(): number {
    return this.#clock.monotonic() + this.offset;
  }

  get calls() {
    return this.#verifier.calls;
  }
  get heartbeats() {
    return this.#verifier.heartbeats;
  }
  get refusals() {
    return this.#verifier.refusals;
  }
  get sessions() {
    return this.#verifier.sessions;
  }
  get cookie(): string | null {
    return this.#verifier.cookie;
  }
  set cookie(sid: string | null) {
    this.#verifier.cookie = sid;
  }
  get isReachable(): boolean {
    return this.#verifier.isReachable;
  }
  set isReachable(isReachable: boolean) {
    this.#verifier.isReachable = isReachable;
  }
  set delay(delay: Promise<unknown>) {
    this.#verifier.delay = delay;
  }
  set intercept(intercept: (call: string) => Answer | null) {
    this.#verifier.intercept = intercept;
  }

  signIn(subject = "ada"): string {
    const now = this.now();
    return this.#verifier.signIn({ subject, authenticatedAt: now, lastActiveAt: now, key: null });
  }

  end(sid: string, reason: EndReason): void {
    this.#verifier.end(sid, reason);
  }

  /** As if another browser of this person, or another tab unseen, had been active. */
  touch(activeAt = this.now()): void {
    this.#verifier.touch(this.cookie ?? "", activeAt);
  }

  countOf(call: string): number {
    return this.calls.filter((name) => name === call).length;
  }

  transport(): Transport {
    const { session, bindKey, sendHeartbeat, end } = this.#verifier.transport;
    return {
      session: async (was) => this.#withReach(await session(was)),
      bindKey: async (binding) => this.#withReach(await bindKey(binding)),
      sendHeartbeat: async (heartbeat) => this.#withReach(await sendHeartbeat(heartbeat)),
      end,
    };
  }

  #withReach(answer: Answer): Answer {
    if (answer.type !== "active" || this.reach === 0) return answer;
    const { status } = answer;
    return { ...answer, status: { ...status, policy: { ...status.policy, reach: this.reach } } };
  }
}

async function isSignedBy(jwk: PublicJwk, { signingInput, signature }: Signed): Promise<boolean> {
  const usage = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("jwk", { ...jwk }, usage, false, ["verify"]);
  return crypto.subtle.verify(usage, key, signature, Buffer.from(signingInput));
}
