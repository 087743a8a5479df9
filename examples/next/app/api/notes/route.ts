/** The guarded list, for the page's own calls. */
import { readNotes } from "../../../lib/notes";
import { sessions } from "../../../lib/sessions";

const guard = sessions.guard();

export async function GET(request: Request): Promise<Response> {
  const passed = await guard(request);
  if (passed instanceof Response) return passed; // 401 as problem+json, 303 for a navigation
  return Response.json(readNotes(passed.session.subject), { headers: passed.headers });
}
