/** The app's own sign-in, by Better Auth: e-mail and password, with its cookie cache. */
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";

export interface AuthOptions {
  /** Where the app is reached, such as `https://app.example.com`. */
  readonly url: string;
  readonly secret: string;
}

export type Auth = ReturnType<typeof createAuth>;

export function createAuth({ url, secret }: AuthOptions) {
  return betterAuth({
    baseURL: url,
    secret,
    database: memoryAdapter({ user: [], session: [], account: [], verification: [] }), // yours: your database
    emailAndPassword: { enabled: true },
    // For five minutes Better Auth believes this cookie without a look at its database, revoked or not.
    session: { cookieCache: { enabled: true, maxAge: 5 * 60 } },
    telemetry: { enabled: false },
  });
}
