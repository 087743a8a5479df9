/** How to test an Express app over HTTP: a clock that the test moves, an agent that keeps cookies, and a real key. */
import { deepEqual, equal } from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { createSessionVerifier, memoryStore, type SessionVerifier } from "curfew/server";
import { createTestClock, signIn, type TestClock } from "curfew/testing";
import type { Express } from "express";
import request from "supertest";
import { createApp } from "../src/app.js";

const MINUTE = 60_000;

let app: Express;
let sessions: SessionVerifier;
let clock: TestClock;

beforeEach(() => {
  clock = createTestClock();
  sessions = createSessionVerifier({
    policy: { idle: "15m", absolute: "12h", unsafeForTesting: true },
    cookie: "plain", // over plain http an agent keeps no `Secure` cookie
    store: memoryStore({ clock }),
    signInUrl: "/",
    logger: { info() {}, warn() {}, error: console.error },
  });
  app = createApp(sessions);
});

afterEach(() => sessions.close());

test("signs in by its own form, and out again", async () => {
  const agent = request.agent(app);
  await agent.get("/notes").expect(401);
  await agent.post("/sign-in").send({ name: "ann", password: "wrong" }).expect(401);
  await agent.post("/sign-in").send({ name: "ann", password: "demo" }).expect(204);
  const { body } = await agent.get("/notes").expect(200);
  deepEqual(body, { subject: "ann", notes: ["Buy milk"] });
  await agent.post("/sign-out").expect(204);
  await agent.get("/notes").expect(401);
});

test("ends after 15 minutes without activity, however often the page polls", async () => {
  const agent = request.agent(app);
  await agent.post("/sign-in").send({ name: "ann", password: "demo" }).expect(204);
  for (let minute = 0; minute < 15; minute++) {
    await agent.get("/notes").expect(200);
    clock.advance(MINUTE);
  }
  const { body } = await agent.get("/notes").expect(401).expect("Content-Type", "application/problem+json");
  equal(body.reason, "idle");
});

test("goes on while the person is there", async () => {
  const { cookie, heartbeat } = await signIn(sessions, { subject: "ann" });
  for (let beat = 0; beat < 4; beat++) {
    clock.advance(14 * MINUTE);
    equal((await heartbeat()).status, 200);
    await request(app).get("/notes").set("Cookie", cookie).expect(200);
  }
});

test("shows nothing any more once somebody else has ended the session", async () => {
  const { cookie } = await signIn(sessions, { subject: "ann" });
  await sessions.endAll("ann");
  const { body } = await request(app).get("/notes").set("Cookie", cookie).expect(401);
  equal(body.reason, "revoked");
});
