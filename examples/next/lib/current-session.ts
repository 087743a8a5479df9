/** The session of the person who asks, for pages and actions, which see headers and no request. */
import type { Session } from "curfew/server";
import { headers } from "next/headers";
import { sessions } from "./sessions";

/**
 * A read: it extends nothing.
 * @param path The page's own path, for the policy's rules for routes: Next tells it to no page. Null in an action, which
 * anybody may call from any page: the strictest of those rules holds.
 * @throws Error while the store is down
 */
export async function currentSession(path: string | null): Promise<Session | null> {
  const request = new Request("http://page.invalid/", { headers: await headers() });
  const result = await sessions.check(request, { path });
  if (result.status === "active") return result.session;
  if (result.status === "unavailable") throw new Error(result.problem.title);
  return null;
}
