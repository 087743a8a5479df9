/** The app: Curfew's calls, signing in and out, and two guarded routes. */
import type { FastifySessionVerifier } from "curfew/server/fastify";
import fastify, { type FastifyInstance } from "fastify";

interface SignIn {
  readonly name: string;
  readonly password: string;
}

const SIGN_IN = {
  body: {
    type: "object",
    required: ["name", "password"],
    properties: { name: { type: "string", minLength: 1 }, password: { type: "string" } },
  },
};

export function createApp(sessions: FastifySessionVerifier): FastifyInstance {
  const app = fastify();
  app.register(sessions.routes()); // the app's own body parsers stay as they are

  app.post<{ Body: SignIn }>("/sign-in", { schema: SIGN_IN }, async (request, reply) => {
    const { name, password } = request.body;
    // Yours: look the person up, compare a hash, slow guessing down.
    if (password !== "demo") return reply.code(401).send();
    await sessions.start(request, reply, { subject: name });
    return reply.code(204).send();
  });

  app.post("/sign-out", async (request, reply) => {
    await sessions.signOut(request, reply);
    return reply.code(204).send();
  });

  app.register((api, _options, done) => {
    api.addHook("onRequest", sessions.guard()); // every route in here; being asked extends nothing
    api.get("/notes", async ({ curfew }) => ({ notes: [`Hello, ${curfew?.subject}`] }));
    api.post("/transfer", { onRequest: sessions.guard({ fresh: "5m" }) }, async () => ({ paid: true }));
    done();
  });

  return app;
}
