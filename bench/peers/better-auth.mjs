/** better-auth with its sessions in memory: its own `get-session`, by its handler for Node. */
import { createServer } from "node:http";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { toNodeHandler } from "better-auth/node";

export async function betterAuthApp() {
  const auth = betterAuth({
    secret: "measured measured measured measured",
    baseURL: "http://127.0.0.1",
    database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    session: { updateAge: 0 },
  });
  const handler = toNodeHandler(auth);
  let count = 0;
  return createServer(async (request, response) => {
    if (request.url.startsWith("/sign-in")) {
      const body = {
        email: `person-${count++}@app.example`,
        password: "measured measured",
        name: "somebody",
      };
      const { headers } = await auth.api.signUpEmail({ body, returnHeaders: true });
      response.setHeader("Set-Cookie", headers.getSetCookie());
      return response.end();
    }
    if (request.url === "/plain") return response.end("plain");
    request.url = "/api/auth/get-session";
    await handler(request, response);
  });
}
