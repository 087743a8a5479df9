import { sessions } from "$lib/server/curfew";
import { wayBack } from "$lib/way-back";
import type { RequestHandler } from "./$types";

export const POST: RequestHandler = async ({ request, getClientAddress }) => {
  const { name, password, return: back } = Object.fromEntries(await request.clone().formData());
  // Yours: look the person up, compare a hash, slow guessing down.
  if (typeof name !== "string" || name === "" || password !== "demo")
    return new Response(null, { status: 401 });
  const { headers } = await sessions.start(request, { subject: name }, { address: getClientAddress() });
  headers.set("Location", wayBack(back));
  return new Response(null, { status: 303, headers });
};
