/** The app: Curfew's calls, signing in and out, and two guarded routes. */
import type { HonoSessionVerifier } from "curfew/server/hono";
import { Hono } from "hono";

export function createApp(sessions: HonoSessionVerifier): Hono {
  const app = new Hono();
  app.use(sessions.routes());

  app.post("/sign-in", async (c) => {
    const { name, password } = await c.req.json<{ name?: unknown; password?: unknown }>();
    // Yours: look the person up, compare a hash, slow guessing down.
    if (typeof name !== "string" || name === "" || password !== "demo") return c.body(null, 401);
    await sessions.start(c, { subject: name });
    return c.body(null, 204);
  });

  app.post("/sign-out", async (c) => {
    await sessions.signOut(c);
    return c.body(null, 204);
  });

  app.use("/notes", sessions.guard()); // being asked extends nothing
  app.get("/notes", (c) => c.json({ notes: [`Hello, ${c.get("curfew").subject}`] }));
  app.post("/transfer", sessions.guard({ fresh: "5m" }), (c) => c.json({ paid: true }));

  return app;
}
