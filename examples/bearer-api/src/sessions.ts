/** The verifier, whose ends take the refresh tokens with them. */
import { createSessionVerifier, type SessionVerifier, type SessionVerifierOptions } from "curfew/server";
import type { Tokens } from "./tokens.js";

type Given = Pick<SessionVerifierOptions, "policy" | "store">;

export function createSessions(tokens: Tokens, given: Given): SessionVerifier {
  return createSessionVerifier({ ...given, signInUrl: "/", onEnd: ({ sid }) => tokens.forget(sid) });
}
