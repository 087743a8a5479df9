/** Signing in: a form post that starts the session. */
import { sessions } from "../../lib/sessions";

export async function POST(request: Request): Promise<Response> {
  const form = await request.formData();
  const name = form.get("name");
  // Yours: look the person up, compare a hash, slow guessing down.
  if (typeof name !== "string" || name === "" || form.get("password") !== "demo")
    return new Response("The name or the password is wrong.", { status: 401 });
  const { headers } = await sessions.start(request, { subject: name });
  headers.set("Location", "/");
  return new Response(null, { status: 303, headers });
}
