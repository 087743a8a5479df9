/** `onEnd` of the sidecar: each end is told by a signed post, again until somebody has taken it; and apps that keep their own session. */
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signedFields, webhookReceiver } from "../../src/server/outbox/webhook.js";
import { send } from "../adapters/support/http-browser.js";
import { until } from "../stores/support/redis-server.js";
import { temporaryFolder } from "./support/program.js";
import { BASIC, type RunningSidecar, startSidecar, WEBHOOK_SECRET } from "./support/sidecar.js";

interface Delivery {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly value: Readonly<Record<string, unknown>>;
}

const folder = temporaryFolder();
const deliveries: Delivery[] = [];
/** What the next deliveries are answered with; 204 where nothing is said. */
const answers: number[] = [];
let server: Server;
let url: string;
let sidecar: RunningSidecar;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const body = await text(request);
    deliveries.push({ headers: request.headers, body, value: JSON.parse(body) as Delivery["value"] });
    const status = answers.shift() ?? 204;
    if (status === 0) request.socket.destroy();
    else response.writeHead(status, status === 302 ? { location: "/elsewhere" } : {}).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/hook`;
  sidecar = await startSidecar(folder, {
    ...BASIC,
    name: "shop",
    identify: { cookie: "JSESSIONID" },
    onEnd: { url, secret: WEBHOOK_SECRET },
  });
});

afterAll(async () => {
  await sidecar.program.stop();
  server.close();
  folder.remove();
});

const deliveriesOf = (sid: unknown) => deliveries.filter(({ value }) => value.sid === sid);
const delivered = (sid: unknown, count: number) =>
  until(() => deliveriesOf(sid).length >= count, `there are not ${count} deliveries`);

async function signedIn(id: string, cookie?: string) {
  const asked = { subject: "ann", id, ...(cookie === undefined ? {} : { cookie }) };
  const answer = await sidecar.call("POST", "/sessions", asked);
  expect(answer.status, answer.text).toBe(201);
  return { sid: answer.body.sid, cookie: `JSESSIONID=${id}`, setCookie: answer.body.setCookie };
}

describe("the webhook", () => {
  test("is delivered with a signature that the app can check", async () => {
    const { sid } = await signedIn("A1B2C3D4E5F6G7H8.node1");
    const before = Math.floor(Date.now() / 1_000);
    await sidecar.call("DELETE", `/sessions/${String(sid)}`);
    await delivered(sid, 1);
    const [delivery] = deliveriesOf(sid);
    expect(delivery?.value).toEqual({
      type: "session-ended",
      id: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
      app: "shop",
      sid,
      subject: "ann",
      reason: "revoked",
      endedAt: expect.any(Number),
      ownId: "A1B2C3D4E5F6G7H8.node1",
    });
    const [, seconds = "", mac] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(delivery?.headers["curfew-signature"])) ?? [];
    expect(Number(seconds)).toBeGreaterThanOrEqual(before);
    expect(mac).toBe(
      createHmac("sha256", WEBHOOK_SECRET).update(`${seconds}.${delivery?.body}`).digest("hex"),
    );
    expect(delivery?.headers["webhook-id"]).toBe(delivery?.value.id);
    const signed = `${String(delivery?.value.id)}.${String(delivery?.headers["webhook-timestamp"])}.${delivery?.body}`;
    const standard = createHmac("sha256", WEBHOOK_SECRET).update(signed).digest("base64");
    expect(delivery?.headers["webhook-signature"]).toBe(`v1,${standard}`);
    expect(delivery?.headers["content-type"]).toBe("application/json");
  });

  test("is signed as Standard Webhooks asks, and by two secrets while one is exchanged for the other", () => {
    // The example that the libraries of Standard Webhooks are tried with.
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const [body, id] = ['{"test": 2432232314}', "msg_p5jXN8AQM9LWM0D4loKWxJek"];
    const expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    const of = (secrets: { readonly secret: string; readonly previousSecret?: string }) =>
      signedFields(body, id, secrets, 1_614_265_330);
    expect(of({ secret })).toMatchObject({
      "webhook-id": id,
      "webhook-timestamp": "1614265330",
      "webhook-signature": expected,
    });
    const both = of({ secret: WEBHOOK_SECRET, previousSecret: secret });
    expect(both["webhook-signature"]).toMatch(/^v1,\S{44} v1,\S{44}$/);
    expect(both["webhook-signature"]?.split(" ")[1]).toBe(expected);
    expect(both["Curfew-Signature"]).toMatch(/^t=1614265330,v1=[0-9a-f]{64},v1=[0-9a-f]{64}$/);
  });

  test.each([
    ["a failure", 500],
    ["a redirect, which is not followed", 302],
    ["a broken connection", 0],
  ])("is delivered again after %s, under the same id", async (_name, status) => {
    const { sid } = await signedIn(`failing-session-${status}-0123456789`);
    answers.push(status);
    await sidecar.call("DELETE", `/sessions/${String(sid)}`);
    await delivered(sid, 2);
    const [first, second] = deliveriesOf(sid);
    expect(second?.body).toBe(first?.body);
    expect(answers).toEqual([]);
    await sidecar.program.line(/the webhook (?:answered|cannot be reached).*: an end waits to be told/);
  });

  test("gives up on an app that says nothing, without waiting for it for ever", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : 0;
    const session = { sid: "sid", subject: "ann", reason: "idle", endedAt: 1, id: null } as never;
    const tell = webhookReceiver({ url: `http://127.0.0.1:${port}/`, secret: WEBHOOK_SECRET }, "shop");
    await expect(tell({ id: "id", session, token: null })).rejects.toThrow(
      "the webhook did not answer within 5 s",
    );
    silent.closeAllConnections();
    silent.close();
  });
});

describe("an app that keeps its own session", () => {
  test("needs no cookie of Curfew's", async () => {
    const { sid, cookie, setCookie } = await signedIn("own-session-0123456789");
    expect(setCookie).toEqual([]);
    const answer = await sidecar.check(`theme=dark; ${cookie}`);
    expect([answer.status, answer.headers["curfew-sid"]]).toEqual([204, sid]);
    const status = await send(sidecar.publicUrl, "GET", "/curfew/session", { headers: { cookie } });
    expect(status.body).toMatchObject({ status: "active", sid });
  });

  test("an id that nobody has told of, one that ended, and two at once pass nowhere", async () => {
    expect((await sidecar.check("JSESSIONID=nobody-told-of-this-one")).body.type).toBe(
      "urn:curfew:no-session",
    );
    const { sid, cookie } = await signedIn("ended-session-0123456789");
    await sidecar.call("DELETE", `/sessions/${String(sid)}`);
    expect((await sidecar.check(cookie)).body.type).toBe("urn:curfew:session-ended");
    const again = await sidecar.call("POST", "/sessions", { subject: "ann", id: "ended-session-0123456789" });
    expect([again.status, again.body.code]).toEqual([409, "id-taken"]);
    const other = await signedIn("other-session-0123456789");
    const twice = await sidecar.check(`${cookie}; ${other.cookie}`, "?mode=nginx");
    expect([twice.status, twice.headers["curfew-status"], twice.body.code]).toEqual([
      403,
      "400",
      "duplicate-cookie",
    ]);
    for (const second of [
      "JSESSIONID =VICTIM",
      "jsessionid=VICTIM",
      "%4aSESSIONID=VICTIM",
      "a=1, JSESSIONID=VICTIM",
    ])
      for (const header of [`${second}; ${other.cookie}`, `${other.cookie}; ${second}`]) {
        const plain = await sidecar.check(header);
        expect([plain.status, plain.body.code], header).toEqual([400, "duplicate-cookie"]);
      }
  });

  test("a sign-in must name the app's id, and ends the session that the browser had", async () => {
    const missing = await sidecar.call("POST", "/sessions", { subject: "ann" });
    expect([missing.status, missing.body.code]).toEqual([400, "id-missing"]);
    const first = await signedIn("first-session-0123456789");
    await signedIn("second-session-0123456789", first.cookie);
    expect((await sidecar.check(first.cookie)).body.reason).toBe("replaced");
    await delivered(first.sid, 1);
    expect(deliveriesOf(first.sid)[0]?.value).toMatchObject({
      reason: "replaced",
      ownId: "first-session-0123456789",
    });
  });

  test("a new id of the app's own moves no clock", async () => {
    const { sid, cookie } = await signedIn("before-rotation-0123456789");
    const before = await sidecar.check(cookie);
    const ids = { oldId: "before-rotation-0123456789", newId: "after-rotation-0123456789" };
    expect((await sidecar.call("POST", "/sessions/moved", ids)).status).toBe(204);
    const after = await sidecar.check("JSESSIONID=after-rotation-0123456789");
    expect(after.headers["curfew-sid"]).toBe(sid);
    expect(after.headers["curfew-expires-at"]).toBe(before.headers["curfew-expires-at"]);
    expect((await sidecar.check(cookie)).status).toBe(401);
  });
});
