/** The watch on a verifier that runs: what browsers do becomes an alert in the trail. */
import { expect, test, vi } from "vitest";
import type { AuditRecord } from "../../src/server/audit/audit-record.js";
import { explainPolicy } from "../../src/server/policy/explain.js";
import { readPolicy } from "../../src/server/policy/policy.js";
import type { PolicyOptions } from "../../src/server/policy/policy.types.js";
import type { Alert } from "../../src/server/watch/alert.js";
import { createTestKey, TestBrowser } from "../server/support/test-browser.js";
import { createTestVerifier, MINUTE, SILENT, type TestVerifier } from "../server/support/test-verifier.js";

const raised = async ({ sessions, audit }: TestVerifier) => {
  await sessions.close();
  return audit.filter(({ type }) => type === "alert_raised");
};

class Chromium extends TestBrowser {
  override request(path: string, init: Parameters<TestBrowser["request"]>[1] = {}) {
    const headers = { "user-agent": "Mozilla/5.0 Chrome/150.0 Safari/537.36", ...init.headers };
    return super.request(path, { ...init, headers });
  }
}

const numbered = (records: AuditRecord[]) => ({
  write() {},
  append(record: AuditRecord) {
    const own = { ...record, seq: records.length };
    records.push(own);
    return own;
  },
});

test("a copied profile is told of: two browsers with one key, whose nonces make each other stale", async () => {
  const records: AuditRecord[] = [];
  const verifier = createTestVerifier({ watch: {}, audit: numbered(records) });
  const { sessions, clock } = verifier;
  const owner = await TestBrowser.signedIn(sessions);
  const copy = new TestBrowser(sessions, owner.key);
  copy.cookie = owner.cookie;
  await copy.ask();
  for (let turn = 0; turn < 4; turn++) {
    for (const browser of [owner, copy]) {
      clock.advance(MINUTE);
      const { status } = await browser.beat(clock.now());
      if (status !== 409) continue;
      await browser.ask();
      expect((await browser.beat(clock.now())).status).toBe(200);
    }
  }
  const [alert] = await raised(verifier);
  expect(alert).toMatchObject({ rule: "two-places", severity: "error", count: 3, sid: owner.live.sid });
  const evidence = records.filter(({ seq }) => alert?.evidence?.includes(seq ?? -1));
  expect(evidence.map(({ type, code, signed }) => [type, code, signed])).toEqual(
    Array.from({ length: 3 }, () => ["heartbeat_refused", "stale-nonce", true]),
  );
  expect(new Set(evidence.map(({ staleNonce }) => staleNonce)).size).toBe(3);
});

test("a stale heartbeat that another key has signed is recorded as such", async () => {
  const { sessions, clock, audit } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  clock.advance(MINUTE);
  const old = browser.live.nonce;
  await browser.beat(clock.now());
  clock.advance(MINUTE);
  await browser.beat(clock.now(), { payload: { nonce: old }, key: await createTestKey() });
  expect(audit.at(-1)).toMatchObject({ type: "heartbeat_refused", code: "stale-nonce", signed: false });
});

test("a heartbeat by another key is told of, once a session and quiet period, and the app with it", async () => {
  const told: Alert[] = [];
  const verifier = createTestVerifier({ watch: { onAlert: (alert) => void told.push(alert) } });
  const { sessions, clock } = verifier;
  const browser = await TestBrowser.signedIn(sessions);
  for (let turn = 0; turn < 3; turn++) {
    clock.advance(10_000);
    await browser.beat(clock.now(), { key: await createTestKey() });
  }
  const alerts = await raised(verifier);
  expect(alerts).toMatchObject([{ rule: "forged", because: "heartbeat_refused: signature" }]);
  expect(told).toMatchObject([
    { rule: "forged", of: { sid: browser.live.sid, subject: alerts[0]?.subject } },
  ]);
});

test("an ended session is used from another browser, while the open tab asks on: the other one is told of", async () => {
  const verifier = createTestVerifier({ watch: { rules: ["used-after-end"] } });
  const { sessions, clock } = verifier;
  const firefox = { "user-agent": "Mozilla/5.0 (X11) Gecko/20100101 Firefox/150.0" };
  const browser = new Chromium(sessions, await createTestKey());
  await browser.signIn("ann");
  clock.advance(16 * MINUTE);
  for (let turn = 0; turn < 20; turn++) {
    clock.advance(2_000);
    await sessions.check(browser.request("/api"));
  }
  await sessions.check(browser.request("/api", { headers: firefox }));
  expect(await raised(verifier)).toMatchObject([{ rule: "used-after-end", sid: browser.live.sid }]);
});

test("the policy's thresholds hold", async () => {
  const watch: PolicyOptions["watch"] = { rules: { forged: { times: 2 } } };
  const verifier = createTestVerifier({
    policy: { idle: "15m", absolute: "12h", watch },
    watch: { rules: ["forged"] },
  });
  const browser = await TestBrowser.signedIn(verifier.sessions);
  const forge = async () => browser.beat(verifier.clock.now(), { key: await createTestKey() });
  await forge();
  await forge();
  expect(await raised(verifier)).toMatchObject([{ rule: "forged", count: 2 }]);
});

test("a record that a sink does not take is told of as a gap", async () => {
  const refusing = {
    write({ type }: AuditRecord) {
      if (type === "session_created") throw new Error("the disk is full");
    },
  };
  const verifier = createTestVerifier({ watch: {}, audit: refusing });
  await TestBrowser.signedIn(verifier.sessions);
  expect(await raised(verifier)).toMatchObject([{ rule: "gap", count: 1 }]);
});

test("what the app's onAlert throws goes to the log, and the request does not hear of it", async () => {
  const error = vi.fn();
  const onAlert = () => Promise.reject(new Error("the pager is away"));
  const verifier = createTestVerifier({ watch: { onAlert }, logger: { ...SILENT, error } });
  const browser = await TestBrowser.signedIn(verifier.sessions);
  expect((await browser.beat(0, { key: await createTestKey() })).status).toBe(400);
  await raised(verifier);
  await vi.waitFor(() =>
    expect(error).toHaveBeenCalledWith("curfew: onAlert failed for forged: the pager is away"),
  );
});

test("nothing is watched where the option is left out", async () => {
  const verifier = createTestVerifier();
  const browser = await TestBrowser.signedIn(verifier.sessions);
  await browser.beat(verifier.clock.now(), { key: await createTestKey() });
  expect(await raised(verifier)).toEqual([]);
});

test.each<[string, object, string]>([
  [
    "a rule that there is not",
    { watch: { rules: ["machine"] } },
    "options.watch.rules.0 must be some of: used-after-end",
  ],
  ["an unknown key", { watch: { onalert: () => {} } }, 'unknown key "watch.onalert"'],
  ["no rules", { watch: { rules: [] } }, "must name at least one rule"],
  [
    "a webhook's address that is none",
    { watch: { webhook: { url: "example", secret: "x".repeat(32) } } },
    "options.watch.webhook.url must be an http:// or https:// URL",
  ],
  [
    "a webhook's secret that is short",
    { watch: { webhook: { url: "https://example.com/", secret: "x" } } },
    "options.watch.webhook.secret must have at least 32 characters",
  ],
  [
    "a threshold that is none",
    { policy: { idle: "15m", absolute: "12h", watch: { rules: { "sits-idle": { share: 2 } } } } },
    "policy.watch.rules.sits-idle.share must be over 0 and at most 1",
  ],
  [
    "a threshold that nobody knows",
    { policy: { idle: "15m", absolute: "12h", watch: { rules: { "machine-like": { perod: "30m" } } } } },
    'did you mean "period"?',
  ],
])("%s is refused at start", (_what, options, message) => {
  expect(() => createTestVerifier(options)).toThrow(message);
});

test("the explanation of a policy names the thresholds that are others than the rules come with, and nothing where none is", () => {
  const plain = readPolicy({ idle: "15m", absolute: "12h" });
  const rules = { "machine-like": { period: "1h", samples: 50 } };
  const own = readPolicy({ idle: "15m", absolute: "12h", watch: { rules } });
  expect(explainPolicy(plain)).not.toContain("\nWatch\n");
  expect(explainPolicy(own)).toContain("machine-like: period 1h (usually 45m), samples 50 (usually 45)");
  expect(own.fingerprint).not.toBe(plain.fingerprint);
  const asItComes = readPolicy({ idle: "15m", absolute: "12h", watch: { quiet: "1h" } });
  expect(asItComes.fingerprint).toBe(plain.fingerprint);
});
