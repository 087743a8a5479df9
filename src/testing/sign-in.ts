/** Signs a person in without a browser, with a real key: what an app's own tests of guarded routes need. */
import { HEARTBEAT_TYP } from "../protocol/heartbeat.js";
import { KEY_TYP, SIGNATURE_ALG } from "../protocol/key-binding.js";
import { PROOF_TYP } from "../protocol/operation-proof.js";
import { type ActiveStatus, parseSessionStatus } from "../protocol/session-status.js";
import { PROTOCOL_VERSION } from "../protocol/version.js";
import { sha256 } from "../server/platform/secrets.js";
import type { SignInOptions } from "../server/verifier/sign-in.js";
import { createTestKey } from "./test-key.js";

/** What the helper needs of a verifier, whatever its framework: the protocol and the sign-in, fetch-style. */
export interface VerifierUnderTest {
  handle(request: Request): Promise<Response>;
  start(request: Request, options: SignInOptions): Promise<{ readonly headers: Headers }>;
}

export interface TestSignInOptions extends SignInOptions {
  /** The verifier's base path. Default `/curfew`. */
  readonly base?: string;
  /** The origin of the app's pages: what requests are sent from. Default `https://app.test`. */
  readonly origin?: string;
}

/** What an answer of the protocol said. */
export interface TestAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** A person who is signed in. */
export interface TestSignIn {
  /** The request header `Cookie`. */
  readonly cookie: string;
  readonly sid: string;
  /** Asks for the status; extends nothing. @throws Error where the session does not live */
  status(): Promise<ActiveStatus>;
  /**
   * Sends a heartbeat as the browser does after input. Where the session has ended, the answer is that end (401).
   * @param at when the input was, in server milliseconds. Default: now, by the server's clock
   */
  heartbeat(at?: number): Promise<TestAnswer>;
  /** The header `Curfew-Proof` of a request that a guard with `proof: true` has asked for. */
  proof(operation: TestOperation): string;
}

export interface TestOperation {
  readonly challenge: string;
  readonly method: string;
  /** The path with its query. */
  readonly path: string;
  readonly body?: string | Uint8Array;
}

/**
 * Signs `subject` in and binds a key, through the verifier's own protocol.
 * @throws SessionError, and Error where the protocol refuses
 */
export async function signIn(
  sessions: VerifierUnderTest,
  { base = "/curfew", origin = "https://app.test", ...options }: TestSignInOptions,
): Promise<TestSignIn> {
  const key = createTestKey();
  const started = await sessions.start(new Request(`${origin}/sign-in`, { method: "POST" }), options);
  const cookie = started.headers
    .getSetCookie()
    .map((line) => line.split(";")[0] ?? "")
    .join("; ");
  const call = async (path: string, body?: unknown): Promise<TestAnswer> => {
    const headers = { cookie, origin, "sec-fetch-site": "same-origin", "content-type": "application/json" };
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const response = await sessions.handle(new Request(`${origin}${base}${path}`, { headers, ...init }));
    const text = await response.text();
    return { status: response.status, body: text === "" ? null : (JSON.parse(text) as unknown) };
  };
  const status = async () => activeIn(await call("/session"));
  const { sid, nonce } = await status();
  const binding = key.sign(
    { alg: SIGNATURE_ALG, typ: KEY_TYP, jwk: key.jwk },
    { v: PROTOCOL_VERSION, aud: origin, sid, nonce },
  );
  activeIn(await call("/key", { binding }));
  return {
    cookie,
    sid,
    status,
    async heartbeat(at) {
      const asked = await call("/session");
      // There is nothing to extend any more, and the answer says why.
      if (asked.status !== 200) return asked;
      const { now, nonce: current } = activeIn(asked);
      const payload = {
        v: PROTOCOL_VERSION,
        aud: origin,
        sid,
        nonce: current,
        activeAt: at ?? now,
        intent: "activity",
        counts: { pointer: 1, key: 0, touch: 0, wheel: 0, media: 0, other: 0 },
        automated: false,
      };
      const header = { alg: SIGNATURE_ALG, typ: HEARTBEAT_TYP, kid: key.thumbprint };
      return call("/heartbeat", { heartbeat: key.sign(header, payload) });
    },
    proof({ challenge, method, path, body = "" }) {
      const payload = {
        v: PROTOCOL_VERSION,
        aud: origin,
        sid,
        challenge,
        method,
        path,
        bodyHash: sha256(body),
      };
      return key.sign({ alg: SIGNATURE_ALG, typ: PROOF_TYP, kid: key.thumbprint }, payload);
    },
  };
}

function activeIn({ status, body }: TestAnswer): ActiveStatus {
  if (status === 200) {
    const session = parseSessionStatus(body);
    if (session.status === "active") return session;
  }
  throw new Error(`the session does not live: ${status} ${JSON.stringify(body)}`);
}
