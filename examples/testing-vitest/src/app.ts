/** The app under test: notes behind Curfew's guard, fetch-style. */
import type { WebSessionVerifier } from "curfew/server/web";

export type App = (request: Request) => Promise<Response>;

export function createApp(sessions: WebSessionVerifier): App {
  const guard = sessions.guard();
  const guardDelete = sessions.guard({ roles: ["editor"], fresh: "5m" });
  const notes = new Set(["Buy milk"]);

  return async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/curfew/")) return sessions.handle(request);
    if (pathname !== "/notes") return new Response(null, { status: 404 });
    const passed = await (request.method === "DELETE" ? guardDelete : guard)(request);
    if (passed instanceof Response) return passed;
    if (request.method === "DELETE") notes.clear();
    return Response.json({ subject: passed.session.subject, notes: [...notes] }, { headers: passed.headers });
  };
}
