/** The service token: what the app's calls to the private listener carry. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { HttpAnswer } from "../../server/http/exchange.js";
import { ownProblem } from "../http/problems.js";

/** Whether the call carries the service token. Hashes are compared, so that neither content nor length shows in time. */
export function hasToken({ headers }: IncomingMessage, token: string): boolean {
  const [, presented = ""] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "") ?? [];
  const digest = (value: string) => createHash("sha256").update(value).digest();
  return timingSafeEqual(digest(presented), digest(token));
}

/** The token is missing or wrong. */
export function badToken(): HttpAnswer {
  const challenge = ["WWW-Authenticate", 'Bearer realm="curfew"'] as const;
  const title = "The service token is missing or wrong";
  return ownProblem("bad-token", { title, status: 401 }, [challenge]);
}
