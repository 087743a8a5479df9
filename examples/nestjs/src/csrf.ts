/** CSRF tokens by csrf-csrf, as the documents of Nest advise; each is bound to the session, and dies with it. */
import { randomBytes } from "node:crypto";
import { doubleCsrf } from "csrf-csrf";

const secret = process.env.CSRF_SECRET ?? randomBytes(32).toString("hex");

export const { generateCsrfToken, doubleCsrfProtection } = doubleCsrf({
  getSecret: () => secret,
  getSessionIdentifier: ({ curfew }) => curfew?.sid ?? "",
  getCsrfTokenFromRequest: ({ body }) => body?._csrf,
  cookieName: "csrf", // over https: "__Host-csrf", and without the line below
  cookieOptions: { secure: false },
});
