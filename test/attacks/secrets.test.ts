/** What a run knows and must not tell: every sink, log, hook and answer is searched for every secret of the run. */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { expect, onTestFinished, test, vi } from "vitest";
import { PROOF_TYP } from "../../src/protocol/operation-proof.js";
import type { SessionVerifier } from "../../src/server/adapters/node.js";
import { jsonLinesAudit } from "../../src/server/audit/json-lines.js";
import { signedLog } from "../../src/server/audit/log/signed-log.js";
import { httpAudit } from "../../src/server/audit/sinks/http.js";
import { loggerAudit } from "../../src/server/audit/sinks/logger.js";
import { otelAudit } from "../../src/server/audit/sinks/otel.js";
import { syslogAudit } from "../../src/server/audit/sinks/syslog.js";
import { oidc } from "../../src/server/idp/oidc.js";
import { sha256 } from "../../src/server/platform/secrets.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionVerifierOptions } from "../../src/server/verifier/options.js";
import { auditSchema } from "../server/support/audit-schema.js";
import { CLIENT_ID, startFakeProvider } from "../server/support/fake-provider.js";
import { LOCALHOST_CERT, LOCALHOST_KEY } from "../server/support/localhost.js";
import { createTestKey, ORIGIN, TestBrowser } from "../server/support/test-browser.js";
import { createTestClock } from "../server/support/test-clock.js";
import { SHARED, SIGN_IN } from "../server/support/test-group.js";
import { createTestVerifier, MINUTE } from "../server/support/test-verifier.js";
import { paced } from "../timing.js";

/** Each under the name that a leak is reported by. */
type Texts = Record<string, string>;

/** Every secret that stands in some text. */
function leaks(told: Texts, secrets: Texts, may: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.entries(told).flatMap(([where, text]) =>
    Object.entries(secrets)
      .filter(([name, secret]) => text.includes(secret) && !may[where]?.includes(name))
      .map(([name]) => `${where} tells ${name}`),
  );
}

const PATIENCE = { timeout: paced(30_000), interval: 300 };

/** What is told on purpose: the app's own webhook is told whose session ended (and its own id of it), and a page what its next heartbeat must carry. */
const MAY = { webhook: ["the subject", "the app's next id"], answers: ["the nonce"] };

const FIXED = {
  "the option secret": "the-verifiers-own-secret-0123456789abcdef",
  "the webhook's secret": "the-webhooks-own-secret-0123456789abcdef",
  "the webhook's previous secret": "the-webhooks-old-secret-0123456789abcdef",
  "the sink's token": "Bearer-token-of-the-sink-0123456789",
  "the app's own id": "the-apps-own-session-id-0123456789",
  "the app's next id": "the-apps-next-session-id-0123456789",
  "a password": "correct-horse-battery-staple",
  "another service's token": "eyJhbGciOiJub25lIn0.bearer-of-the-page",
  "a refresh token": "refresh-token-of-the-provider-0123456789",
  "an ID token": "eyJhbGciOiJub25lIn0.id-token-of-the-provider",
  "the subject": "ann.person@hospital.example",
  "the address": "203.0.113.77",
  "the browser's name": "SecretBrowser/77.5",
};

/** What the trail, its sinks, the logs, the hooks and the answers of several verifiers have told. */
async function tellingRun() {
  const folder = mkdtempSync(join(tmpdir(), "curfew-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const told: Texts = {
    answers: "",
    console: "",
    onEvent: "",
    onAlert: "",
    alerts: "",
    logger: "",
    http: "",
    webhook: "",
    syslog: "",
  };
  const tell = (where: string) => (text: unknown) => {
    told[where] += `${String(text)}\n`;
  };
  const secrets: Texts = { ...FIXED };
  const types = new Set<string>();
  let isHeld = true;
  const receiver = createServer((request, response) => {
    const { url } = request;
    const where = url === "/alerts" ? "alerts" : url === "/audit" || url === "/held" ? "http" : "webhook";
    request.setEncoding("utf8").on("data", tell(where));
    request.on("end", () => {
      response.statusCode = url === "/dead" ? 500 : url === "/held" && isHeld ? 503 : 200;
      response.end();
    });
  });
  await new Promise<void>((done) => receiver.listen(0, "127.0.0.1", done));
  onTestFinished(() => void receiver.close());
  const address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const syslog = createTlsServer({ cert: LOCALHOST_CERT, key: LOCALHOST_KEY }, (socket) => {
    socket.setEncoding("utf8").on("data", tell("syslog"));
  });
  await new Promise<void>((done) => syslog.listen(0, "127.0.0.1", done));
  onTestFinished(() => void syslog.close());
  const { port } = syslog.address() as AddressInfo;
  const exporter = new InMemoryLogRecordExporter();
  const otel = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] });
  let opened = 0;
  const open = (options: Partial<SessionVerifierOptions> = {}) => {
    const own = ++opened;
    const line = tell("console");
    const verifier = createTestVerifier({
      secret: FIXED["the option secret"],
      pseudonyms: "own",
      trustProxy: ["203.0.113.0/24"],
      logger: { info: line, warn: line, error: line },
      audit: [
        jsonLinesAudit(join(folder, `${own}.jsonl`)),
        signedLog({ directory: join(folder, `log-${own}`), checkpointEvery: "100ms" }),
        syslogAudit({ host: "127.0.0.1", port, ca: LOCALHOST_CERT }),
        otelAudit({ logger: otel.getLogger("curfew") }),
        loggerAudit({ info: (...said: unknown[]) => tell("logger")(JSON.stringify(said)) }),
        httpAudit({ url: `${address}/audit`, authorization: FIXED["the sink's token"] }),
      ],
      webhook: {
        url: `${address}/hook`,
        secret: FIXED["the webhook's secret"],
        previousSecret: FIXED["the webhook's previous secret"],
      },
      watch: { onAlert: (alert) => tell("onAlert")(JSON.stringify(alert)) },
      onEvent: (record) => {
        types.add(record.type);
        tell("onEvent")(JSON.stringify(record));
      },
      ...options,
    });
    return { ...verifier, directory: join(folder, `log-${own}`) };
  };
  const filesTold = () => {
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }))
      if (/\.jsonl$|\.torn-|checkpoints|frontier|vkey$/.test(name))
        told[name] = readFileSync(join(folder, name), "utf8");
    const seen = exporter.getFinishedLogRecords();
    told.otel = JSON.stringify(
      seen.map(({ body, attributes, eventName, severityText }) => ({
        body,
        attributes,
        eventName,
        severityText,
      })),
    );
    // What a log and a queue tell of themselves goes to nobody's `onEvent`.
    for (const text of Object.values(told))
      for (const [, type = ""] of text.matchAll(/"type":"(\w+)"/g)) types.add(type);
  };
  const release = () => {
    isHeld = false;
  };
  return { told, tell, secrets, types, open, filesTold, address, release };
}

type Run = Awaited<ReturnType<typeof tellingRun>>;

/** A browser that brings a password, a token and an address along with everything. */
async function talkingBrowser(
  run: Run,
  sessions: SessionVerifier,
  more: Readonly<Record<string, unknown>> = {},
): Promise<TestBrowser> {
  const headers = {
    authorization: `Bearer ${FIXED["another service's token"]}`,
    "user-agent": FIXED["the browser's name"],
  };
  const query = `?password=${FIXED["a password"]}`;
  const talking: SessionVerifier = {
    ...sessions,
    handle: async (request, context) => {
      const url = `${request.url}${request.method === "GET" ? query : ""}`;
      const said = new Request(url, request);
      for (const [name, value] of Object.entries(headers)) said.headers.set(name, value);
      const answer = await sessions.handle(said, { ...context, address: FIXED["the address"] });
      run.tell("answers")(await answer.clone().text());
      return answer;
    },
  };
  const browser = new TestBrowser(talking, await createTestKey());
  await browser.signIn(FIXED["the subject"], more);
  keepSecrets(run, browser);
  return browser;
}

let kept = 0;
function keepSecrets({ secrets }: Run, browser: TestBrowser): void {
  secrets[`cookie ${++kept}`] = String(browser.cookie).replace("__Host-curfew=", "");
}

async function livesOfManyKinds(run: Run): Promise<void> {
  const { sessions, clock } = run.open({
    policy: { idle: "15m", absolute: "12h", warning: "2m", maxSessions: 2 },
  });
  const browser = await talkingBrowser(run, sessions);
  await browser.bind();
  await browser.bind(await createTestKey());
  for (let beat = 0; beat < 45; beat++) {
    clock.advance(MINUTE);
    await browser.beat(clock.now());
  }
  const again = await browser.heartbeat(clock.now());
  await browser.post("/curfew/heartbeat", { heartbeat: again });
  await browser.post("/curfew/heartbeat", { heartbeat: again });
  await browser.beat(clock.now(), { key: await createTestKey() });
  await browser.post("/curfew/heartbeat", { heartbeat: FIXED["a password"], password: FIXED["a password"] });
  for (let wrong = 0; wrong < 130; wrong++) await browser.post("/curfew/end", { sid: "another" });
  await sessions.update(browser.request("/"), { roles: ["nurse"], actor: "admin-7" });
  await sessions.check(browser.request(`/pay?password=${FIXED["a password"]}`), { fresh: "1m" });
  const pay = (proof?: string) =>
    browser.request(`/pay?password=${FIXED["a password"]}`, {
      method: "POST",
      body: FIXED["a password"],
      headers: { origin: ORIGIN, ...(proof === undefined ? {} : { "curfew-proof": proof }) },
    });
  const asked = await sessions.check(pay(), { proof: true });
  const challenge = asked.status === "stale" ? String(asked.problem.challenge) : "";
  const proof = await browser.key.sign(
    { alg: "ES256", typ: PROOF_TYP, kid: browser.key.thumbprint },
    {
      v: 1,
      aud: ORIGIN,
      sid: browser.live.sid,
      challenge,
      method: "POST",
      path: `/pay?password=${FIXED["a password"]}`,
      bodyHash: sha256(FIXED["a password"]),
    },
  );
  await sessions.check(pay(proof), { proof: true });
  await sessions.check(pay(proof), { proof: true });
  await browser.reauthenticate(FIXED["the subject"]);
  keepSecrets(run, browser);
  run.secrets["the nonce"] = browser.live.nonce;
  const other = await talkingBrowser(run, sessions);
  await expect(talkingBrowser(run, sessions)).rejects.toThrow("2 sessions");
  await other.signIn(FIXED["the subject"]);
  keepSecrets(run, other);
  await sessions.end(other.live.sid);
  await other.ask();
  await sessions.check(other.request("/"));
  clock.step(-MINUTE);
  await sessions.health();
  clock.advance(17 * MINUTE);
  await browser.ask();
  const left = await talkingBrowser(run, sessions);
  await left.post("/curfew/end", { sid: left.live.sid });
  clock.advance(1);
  await sessions.forget(FIXED["the subject"]);
  await sessions.close();
}

async function ownSessionsAndFailures(run: Run): Promise<void> {
  const clock = createTestClock();
  const { sessions } = run.open({
    store: memoryStore({ clock }),
    identify: () => ({
      id: FIXED["the app's own id"],
      subject: FIXED["the subject"],
      authenticatedAt: clock.now(),
    }),
    onEnd: () => {
      throw new Error("the app is down");
    },
    policy: {
      idle: "15m",
      absolute: "12h",
      rules: [{ networks: ["198.51.100.0/24"], idle: "5m", name: "ward" }],
    },
  });
  await sessions.check(new Request(ORIGIN));
  await sessions.moved(FIXED["the app's own id"], FIXED["the app's next id"]);
  await sessions.endOwn(FIXED["the app's next id"]);
  await vi.waitFor(() => expect(run.types).toContain("end_notice_failed"), { timeout: 30_000 });
  await sessions.close();
}

async function networksAndObserving(run: Run): Promise<void> {
  const ward = { networks: ["203.0.113.0/24"], idle: "5m", name: "ward" };
  const near = run.open({ policy: { idle: "15m", absolute: "12h", rules: [ward] }, trustProxy: [] });
  const browser = await talkingBrowser(run, near.sessions);
  await browser.ask();
  await near.sessions.close();
  const policy = { idle: "15m", absolute: "12h", enforce: false, enforceFrom: "2099-01-01" } as const;
  const { sessions, clock } = run.open({ policy });
  const observed = await talkingBrowser(run, sessions);
  clock.advance(20 * MINUTE);
  await observed.ask();
  await sessions.check(observed.request("/"), { fresh: "1m" });
  await sessions.close();
}

async function providers(run: Run): Promise<void> {
  const clock = createTestClock();
  const provider = await startFakeProvider(clock.now);
  const idp = oidc({ issuer: provider.issuer, clientId: CLIENT_ID, privateAddresses: ["loopback"] });
  const { sessions } = run.open({ store: memoryStore({ clock }), idp });
  const start = (authenticatedAt: number) =>
    sessions.start(new Request(ORIGIN), {
      subject: FIXED["the subject"],
      authenticatedAt,
      idp: { iss: provider.issuer, sid: "provider-session" },
      idpTokens: { refreshToken: FIXED["a refresh token"], idToken: FIXED["an ID token"] },
    });
  await start(clock.now());
  const authenticatedAt = clock.now();
  const token = await provider.token({ sid: "provider-session" });
  run.secrets["a logout token"] = token;
  run.secrets["a logout token's signature"] = String(token.split(".")[2]);
  const post = async (logout: string) => {
    const init = {
      method: "POST",
      body: new URLSearchParams({ logout_token: logout, id_token_hint: FIXED["another service's token"] }),
    };
    run.tell("answers")(
      await (await sessions.handle(new Request(`${ORIGIN}/curfew/idp/logout`, init))).text(),
    );
  };
  await post(token);
  await post(`${token.slice(0, -8)}AAAAAAAA`);
  await post(FIXED["another service's token"]);
  clock.advance(MINUTE);
  await start(clock.now());
  clock.advance(16 * MINUTE);
  await expect(start(authenticatedAt + MINUTE)).rejects.toMatchObject({ name: "SessionError" });
  await sessions.close();
  await provider.close();
}

/** A webhook that takes nothing for three days, and the keys of the pseudonyms, which the store alone has. */
async function deadWebhook(run: Run): Promise<void> {
  const clock = createTestClock();
  const store = memoryStore({ clock });
  const webhook = { url: `${run.address}/dead`, secret: FIXED["the webhook's secret"] };
  const { sessions } = run.open({ store, webhook });
  const browser = await talkingBrowser(run, sessions);
  run.secrets["the store's own secret"] = await store.secret();
  const { record } = await store.findSubject("curfew", FIXED["the subject"]);
  run.secrets["the pseudonym's key"] = String(record?.pseudonymKey);
  await browser.post("/curfew/end", { sid: browser.live.sid });
  await vi.waitFor(() => {
    clock.advance(4 * 24 * 60 * MINUTE);
    expect(run.types).toContain("outbox_dead");
  }, PATIENCE);
  await sessions.close();
}

/** A suspicion that opens the warning, and alerts that a webhook is told of. */
async function suspicion(run: Run): Promise<void> {
  const rules = { "machine-like": { period: "4m", samples: 4 } };
  const { sessions, clock } = run.open({
    policy: { idle: "15m", absolute: "12h", watch: { warnEarly: ["machine-like"], rules } },
    watch: { webhook: { url: `${run.address}/alerts`, secret: FIXED["the webhook's secret"] } },
  });
  const browser = await talkingBrowser(run, sessions);
  await browser.bind();
  for (let beat = 0; beat < 6; beat++) {
    clock.advance(MINUTE);
    await browser.beat(clock.now());
  }
  await vi.waitFor(() => expect(run.types).toContain("session_warned_early"), PATIENCE);
  await browser.ask();
  await sessions.close();
  expect(run.told.alerts).toContain('"rule":"machine-like"');
}

async function sharedSignIn(run: Run): Promise<void> {
  const clock = createTestClock();
  const store = memoryStore({ clock });
  const app = (name: string, trusts: readonly string[]) =>
    run.open({ name, store, policy: SHARED, group: { name: "bank", trusts } });
  const [mail, bank] = [app("mail", ["bank"]), app("bank", ["mail"])];
  run.secrets["the group's id"] = SIGN_IN;
  const heard = await talkingBrowser(run, mail.sessions, { group: SIGN_IN });
  const carried = await talkingBrowser(run, bank.sessions, { group: SIGN_IN });
  await heard.bind();
  clock.advance(5 * MINUTE);
  await heard.beat(clock.now());
  clock.advance(MINUTE);
  await carried.ask();
  for (const { sessions } of [mail, bank]) await sessions.close();
}

/** An hour in which nothing happens, a record that a killed process had begun, and a sink that could not keep up. */
async function whatTheLogTellsOfItself(run: Run): Promise<void> {
  const held = httpAudit({ url: `${run.address}/held`, capacity: 10 });
  const first = run.open({ audit: [held] });
  for (let many = 0; many < 12; many++) await talkingBrowser(run, first.sessions);
  run.release();
  await vi.waitFor(() => expect(run.told.http).toContain('"type":"audit_gap"'), PATIENCE);
  await first.sessions.close();

  const quiet = run.open();
  await talkingBrowser(run, quiet.sessions);
  // Two hours later it may be another day, which has a file of its own.
  const newest = () =>
    join(
      quiet.directory,
      String(
        readdirSync(quiet.directory)
          .filter((name) => name.endsWith(".jsonl"))
          .sort()
          .at(-1),
      ),
    );
  const real = Date.now;
  let hours = 0;
  const later = vi.spyOn(Date, "now").mockImplementation(() => real() + hours * 60 * MINUTE);
  await vi.waitFor(() => {
    hours += 2;
    expect(readFileSync(newest(), "utf8")).toContain('"type":"audit_silence"');
  }, PATIENCE);
  later.mockRestore();
  await quiet.sessions.close();
  appendFileSync(newest(), '{"v":1,"seq":3,"a');
  const again = run.open({ audit: [signedLog({ directory: quiet.directory })] });
  await talkingBrowser(run, again.sessions);
  await again.sessions.close();
}

/** `suspicious_activity` is of releases before 0.4; the others tell of policies and heads of logs, and of nobody. */
const NOT_RUN = ["suspicious_activity", "policy_changed", "policy_drift", "audit_checkpoint"];

test("no sink, log, hook or answer tells a cookie, a token, a key, a password, an address or a subject of the run", async () => {
  const run = await tellingRun();
  await livesOfManyKinds(run);
  await ownSessionsAndFailures(run);
  await networksAndObserving(run);
  await providers(run);
  await deadWebhook(run);
  await suspicion(run);
  await sharedSignIn(run);
  await whatTheLogTellsOfItself(run);
  run.filesTold();
  const { told, secrets, types } = run;
  const all = auditSchema.oneOf.map(({ title }) => title);
  expect(all.filter((type) => !types.has(type) && !NOT_RUN.includes(type))).toEqual([]);
  for (const where of [
    "answers",
    "onEvent",
    "onAlert",
    "alerts",
    "logger",
    "http",
    "webhook",
    "syslog",
    "otel",
    "1.jsonl",
  ])
    expect([where, String(told[where]).length > 20]).toEqual([where, true]);
  expect(String(told["log-1/checkpoints"]).length).toBeGreaterThan(20);
  expect(String(told.console)).toContain("webhook");
  expect(told.onEvent).toContain('"from":"');
  expect(Object.keys(secrets).length).toBeGreaterThan(18);
  expect(Object.values(secrets).filter((secret) => secret.length < 8)).toEqual([]);
  expect(leaks(told, secrets, MAY)).toEqual([]);

  // The search itself: what is put somewhere is found, wherever it is put.
  for (const where of Object.keys(told)) {
    const planted = { ...told, [where]: `${told[where]} ${secrets["cookie 1"]} ${FIXED["a password"]}` };
    expect(leaks(planted, secrets, MAY)).toEqual([`${where} tells a password`, `${where} tells cookie 1`]);
  }
});
