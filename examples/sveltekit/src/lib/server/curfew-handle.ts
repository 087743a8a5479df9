/** Curfew's calls, and the guard in front of every path but those that are open. */
import type { Handle } from "@sveltejs/kit";
import { sessions } from "$lib/server/curfew";

const page = sessions.page();
const OPEN = ["/login", "/sign-in"]; // the page, and what its form is sent to

export const curfewHandle: Handle = async ({ event, resolve }) => {
  const { pathname } = event.url;
  if (OPEN.includes(pathname)) return resolve(event);
  const peer = { address: event.getClientAddress() };
  if (pathname.startsWith("/curfew/")) return sessions.handle(event.request, peer);
  const passed = await page(event.request, peer);
  if (passed instanceof Response) return passed;
  Object.assign(event.locals, { session: passed.session });
  return passed.finish(await resolve(event));
};
