/** In front of the app's own routes: the API, and the pages but for the one where people sign in. */
const guard = sessions.guard();
const page = sessions.page();
const OPEN = /^\/(?:curfew|login|sign-in|_nuxt|__nuxt_error)(?:\/|$)/;

export default defineEventHandler(async (event) => {
  const { pathname } = getRequestURL(event);
  if (OPEN.test(pathname)) return;
  const passed = await (pathname.startsWith("/api/") ? guard : page)(headOf(event));
  if (passed instanceof Response) return passed;
  setResponseHeaders(event, Object.fromEntries(passed.headers));
  event.context.session = passed.session;
});
