/** Signing in: a form post that starts the session. */
export default defineEventHandler(async (event) => {
  const { name, password } = (await readBody<{ name?: unknown; password?: unknown }>(event)) ?? {};
  // Yours: look the person up, compare a hash, slow guessing down.
  if (typeof name !== "string" || name === "" || password !== "demo")
    return new Response("The name or the password is wrong.", { status: 401 });
  const { headers } = await sessions.start(headOf(event), { subject: name });
  headers.set("Location", "/");
  return new Response(null, { status: 303, headers });
});
