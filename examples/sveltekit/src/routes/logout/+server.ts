import { sessions } from "$lib/server/curfew";
import type { RequestHandler } from "./$types";

export const POST: RequestHandler = async ({ request }) => {
  const headers = await sessions.signOut(request);
  headers.set("Location", "/login");
  return new Response(null, { status: 303, headers });
};
