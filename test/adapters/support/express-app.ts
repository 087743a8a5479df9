/** The test app on Express 5. */
import express from "express";
import { createSessionVerifier } from "../../../src/server/adapters/node.js";
import { claimsIn, type Framework, outcomeOf } from "./test-app.js";

export const onExpress: Framework = {
  name: "Express 5",
  mount(options, inFront) {
    const sessions = createSessionVerifier(options);
    const app = express();
    if (inFront === "json") app.use(express.json());
    if (inFront === "drain")
      app.use((request, _response, next) => void request.resume().once("end", () => next()));
    app.use(sessions.routes());
    app.post("/sign-in", async (request, response) => {
      await sessions.start(request, response, { subject: "ann" });
      response.redirect(303, "/");
    });
    app.post("/callback", async (request, response) => {
      response.json(await outcomeOf(sessions.start(request, response, claimsIn(request.url))));
    });
    app.get("/authorization", async (request, response) => {
      response.json(await sessions.authorization(request));
    });
    app.post("/reauth", async (request, response) => {
      await sessions.reauthenticate(request, response, { subject: "ann" });
      response.status(204).end();
    });
    app.post("/sign-out", async (request, response) => {
      await sessions.signOut(request, response);
      response.status(204).end();
    });
    app.post("/promote", async (request, response) => {
      response.json((await sessions.update(request, { roles: ["admin"] })).roles);
    });
    app.get("/status", async (request, response) => {
      response.json({ status: (await sessions.check(request)).status });
    });
    app.get("/wait", async (request, response) => {
      const result = await sessions.check(request);
      if (result.status === "active") result.signal.addEventListener("abort", () => response.end("over"));
      response.status(200).flushHeaders();
    });
    app.post("/api/echo", sessions.guard({ proof: true }), express.json(), (request, response) => {
      response.json(request.body);
    });
    app.get("/api/fresh", sessions.guard({ fresh: "5m" }), (_request, response) => void response.json({}));
    app.get("/api/admin", sessions.guard({ roles: "admin" }), (_request, response) => void response.json({}));
    app.get("/report", sessions.page(), (_request, response) => void response.send("report"));
    app.use(sessions.guard());
    app.options("/api/me", (_request, response) => void response.status(204).end());
    app.get("/api/me", (request, response) => void response.json({ subject: request.curfew?.subject }));
    app.use((_request, response) => void response.send("kept"));
    return { sessions, listener: app };
  },
};
