/** Reads the heartbeats of one session in an audit trail as evidence: each signature commits to the one before. */
import { createHash, createPublicKey, verify } from "node:crypto";
import type { AuditRecord } from "../../../src/server/audit/audit-record.js";

/** The public half of the bound key, as the store has it. */
export type EvidenceKey = Readonly<Record<"kty" | "crv" | "x" | "y", string>>;

/** The place of the first record that cannot be true, or null. Only Node's own cryptography, none of Curfew's. */
export function firstBreak(records: readonly AuditRecord[], jwk: EvidenceKey): number | null {
  const key = createPublicKey({ key: { ...jwk }, format: "jwk" });
  let expected: string | null = null;
  for (const [at, { type, heartbeat = "", random = "" }] of records.entries()) {
    if (type !== "session_renewed") continue;
    const [header = "", payload = "", signature = ""] = heartbeat.split(".");
    const input = Buffer.from(`${header}.${payload}`);
    const bytes = Buffer.from(signature, "base64url");
    if (!verify("sha256", input, { key, dsaEncoding: "ieee-p1363" }, bytes)) return at;
    const { nonce } = JSON.parse(Buffer.from(payload, "base64url").toString()) as { nonce: string };
    if (expected !== null && nonce !== expected) return at;
    const next = createHash("sha256").update(heartbeat).update(Buffer.from(random, "base64url"));
    expected = next.digest("base64url");
  }
  return null;
}
