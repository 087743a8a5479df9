/** In front of the app's own routes: the API, and the pages but for the one where people sign in. */
const guard = sessions.guard();
const page = sessions.page();
/** Each by its exact path. Nuxt lets nobody ask for its error page from outside. */
const OPEN = ["/login", "/sign-in", "/__nuxt_error"];
/** Files that Nuxt has built; no segment of such a path begins with a dot. */
const BUILT = /^\/_nuxt(?:\/[\w-][\w.-]*)+$/;

export default defineEventHandler(async (event) => {
  const [path = "/"] = event.path.split("?");
  const { pathname } = getRequestURL(event);
  // Nuxt goes by the path as it was sent, and what is asked below by the path as a URL reads it.
  if (path !== pathname) throw createError({ statusCode: 400 });
  // All of Curfew's calls are answered here, so nothing else can be reached below their path.
  if (path.startsWith("/curfew/")) return sessions.handle(toWebRequest(event));
  if (OPEN.includes(path) || BUILT.test(path)) return;
  const passed = await (path.startsWith("/api/") ? guard : page)(headOf(event));
  if (passed instanceof Response) return passed;
  setResponseHeaders(event, Object.fromEntries(passed.headers));
  event.context.session = passed.session;
});
