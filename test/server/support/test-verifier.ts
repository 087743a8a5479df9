/** A verifier on a hand-moved clock, with its audit records at hand. */

import { createSessionVerifier, type SessionVerifier } from "../../../src/server/adapters/node.js";
import type { AuditRecord } from "../../../src/server/audit/audit-record.js";
import { memoryStore } from "../../../src/server/stores/memory.js";
import type { SessionVerifierOptions } from "../../../src/server/verifier/options.js";
import { holdRecord } from "./audit-schema.js";
import { createTestClock, type TestClock } from "./test-clock.js";

export const SILENT = { info: () => {}, warn: () => {}, error: () => {} };
export const MINUTE = 60_000;

export interface TestVerifier {
  readonly clock: TestClock;
  readonly sessions: SessionVerifier;
  /** What is told of sessions; records of the policy are left out. */
  readonly audit: AuditRecord[];
}

export function createTestVerifier(options: Partial<SessionVerifierOptions> = {}): TestVerifier {
  const clock = createTestClock();
  const audit: AuditRecord[] = [];
  const sessions = createSessionVerifier({
    policy: { idle: "15m", absolute: "12h", warning: "2m" },
    store: memoryStore({ clock }),
    signInUrl: "/login",
    logger: SILENT,
    onEvent: (record) => void (record.type.startsWith("policy_") || audit.push(record)),
    ...options,
    audit: [{ write: holdRecord }, ...[options.audit ?? []].flat()],
  });
  return { clock, sessions, audit };
}
