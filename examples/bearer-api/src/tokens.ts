/** Access tokens (JWT, five minutes at most) and the refresh tokens that belong to a session of Curfew's. */
import { createHash, randomBytes } from "node:crypto";
import type { Session } from "curfew/server";
import { jwtVerify, SignJWT } from "jose";

const ISSUER = "notes";
const ACCESS_PERIOD = 5 * 60_000;

export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Whose session a refresh token belongs to. */
export interface Bond {
  readonly subject: string;
  readonly sid: string;
}

export type Redeemed =
  | { readonly status: "valid" | "reused"; readonly bond: Bond }
  | { readonly status: "unknown" };

export interface Tokens {
  issue(session: Session): Promise<TokenPair>;
  /** Takes a refresh token, which is good for once (RFC 9700, 4.14.2). */
  redeem(refreshToken: string): Redeemed;
  /** The subject of a valid access token, else null. */
  subjectOf(accessToken: string): Promise<string | null>;
  /** Forgets the refresh tokens of a session that has ended. */
  forget(sid: string): void;
}

/** @param now milliseconds since the epoch */
export function createTokens(secret: Uint8Array, now: () => number): Tokens {
  const bonds = new Map<string, Bond & { used: boolean }>(); // yours: a table, by the token's hash
  return {
    async issue({ subject, sid, expiresAt }) {
      // No token outlives the deadline as it is now; where activity has moved it, the next refresh follows.
      const endsAt = Math.min(now() + ACCESS_PERIOD, expiresAt);
      const accessToken = await new SignJWT({ sid })
        .setProtectedHeader({ alg: "HS256", typ: "at+jwt" })
        .setIssuer(ISSUER)
        .setSubject(subject)
        .setIssuedAt(Math.floor(now() / 1_000))
        .setExpirationTime(Math.floor(endsAt / 1_000))
        .sign(secret);
      const refreshToken = randomBytes(32).toString("base64url");
      bonds.set(hashOf(refreshToken), { subject, sid, used: false });
      return { accessToken, refreshToken };
    },
    redeem(refreshToken) {
      const bond = bonds.get(hashOf(refreshToken));
      if (bond === undefined) return { status: "unknown" };
      const status = bond.used ? "reused" : "valid";
      bond.used = true;
      return { status, bond };
    },
    async subjectOf(accessToken) {
      const checks = { algorithms: ["HS256"], typ: "at+jwt", issuer: ISSUER, currentDate: new Date(now()) };
      const verified = await jwtVerify(accessToken, secret, checks).catch(() => null);
      return verified?.payload.sub ?? null;
    },
    forget(sid) {
      for (const [hash, bond] of bonds) if (bond.sid === sid) bonds.delete(hash);
    },
  };
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
