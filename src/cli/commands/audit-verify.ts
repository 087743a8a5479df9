/** `curfew audit verify`: whether a log, or one session's proof, is what was signed. */
import { existsSync, statSync } from "node:fs";
import type { LogVerdict } from "../../evidence/log-verdict.js";
import { SESSION_PROOF_FORMAT, verifySessionProofWith } from "../../evidence/session-proof.js";
import { verifyLogWith } from "../../evidence/verify-log.js";
import type { ProofTrust } from "../../evidence/verify-proof.js";
import type { SessionReplay } from "../../evidence/verify-session.js";
import { contentsOf } from "../../server/audit/log/directory.js";
import { isoInstant } from "../../server/platform/clock.js";
import { ConfigurationError, messageOf } from "../../server/platform/errors.js";
import { nodeReplayTools, nodeTools } from "../../server/platform/log-tools.js";
import type { CommandProcess } from "../process/process.js";
import { fileText, keysOf } from "./keys.js";

export interface AuditVerifyOptions {
  readonly vkey: readonly string[];
  readonly witness: readonly string[];
  /** Files with a checkpoint each. */
  readonly head: readonly string[];
  readonly json?: boolean;
}

/** `usage`: what was typed cannot be done. `unanchored`: whole, with records that nobody else vouches for. */
export const AUDIT_EXIT = { whole: 0, broken: 1, unanchored: 2, usage: 3 } as const;

/** @returns the exit code @param path a log's directory, or a session's proof */
export async function auditVerifyCommand(
  shell: CommandProcess,
  path: string,
  options: AuditVerifyOptions,
): Promise<number> {
  try {
    const trust = {
      keys: keysOf("--vkey", options.vkey),
      witnesses: keysOf("--witness", options.witness),
      heads: options.head.map((file) => fileText(file)),
    };
    if (trust.keys.length === 0)
      throw new ConfigurationError("--vkey is missing: the log's key, as its file log.vkey has it");
    if (!existsSync(path)) throw new ConfigurationError(`${JSON.stringify(path)} is not there`);
    if (!statSync(path).isDirectory()) return await verifySessionProof(shell, path, trust, options);
    const verdict = await verifyLogWith(
      {
        ...nodeTools,
        progress: ({ size }) => (options.json ? undefined : shell.complain(`${size} records …\n`)),
      },
      contentsOf(path),
      trust,
    );
    shell.print(options.json ? `${JSON.stringify(verdict, null, 2)}\n` : told(verdict));
    if (verdict.fault !== null) return AUDIT_EXIT.broken;
    return verdict.anchoredSize === verdict.size ? AUDIT_EXIT.whole : AUDIT_EXIT.unanchored;
  } catch (error) {
    if (!(error instanceof ConfigurationError || error instanceof TypeError)) throw error;
    shell.complain(`${messageOf(error)}\n`);
    return AUDIT_EXIT.usage;
  }
}

function told(verdict: LogVerdict): string {
  const { fault, size, signedSize, anchoredSize, witnessedAt, isTorn, pruned } = verdict;
  if (fault !== null) {
    const where = fault.upTo === undefined ? `record ${fault.seq}` : `records ${fault.seq} to ${fault.upTo}`;
    return `BROKEN: ${fault.kind}, ${where}: ${fault.message}.\n`;
  }
  const lines = [
    `whole: ${size} records${pruned > 0 ? `, ${pruned} of them as hashes only` : ""}`,
    `signed: ${signedSize}${size > signedSize ? `; ${size - signedSize} came after the last checkpoint` : ""}`,
    anchoredSize === 0
      ? "anchored: none. Nobody but the log's own key vouches for it: give --head with a checkpoint that was kept elsewhere, or --witness"
      : `anchored: ${anchoredSize}${witnessedAt === null ? "" : `, witnessed at ${isoInstant(witnessedAt)}`}${size > anchoredSize ? `; ${size - anchoredSize} are newer` : ""}`,
    ...(isTorn ? ["the last line has no end: the process was killed while it wrote"] : []),
  ];
  return `${lines.join("\n")}\n`;
}

async function verifySessionProof(
  shell: CommandProcess,
  path: string,
  trust: ProofTrust,
  { json }: AuditVerifyOptions,
): Promise<number> {
  const verdict = await verifySessionProofWith(nodeTools, nodeReplayTools(), fileText(path), trust);
  if (verdict.status === "unreadable")
    throw new ConfigurationError(
      `${JSON.stringify(path)} is neither a log's directory nor a session's proof (${SESSION_PROOF_FORMAT})`,
    );
  if (verdict.status === "refused") {
    const { message, line } = verdict;
    shell.print(
      json ? `${JSON.stringify({ fault: message, line }, null, 2)}\n` : `BROKEN: ${message}: ${line}\n`,
    );
    return AUDIT_EXIT.broken;
  }
  const { sid, seqs: places, replay, isAnchored } = verdict;
  shell.print(
    json
      ? `${JSON.stringify({ fault: null, sid, places, replay }, null, 2)}\n`
      : `proven: ${places.length} records of the session ${sid} and its policy are in the log, as numbers ${places.join(", ")}\n${toldReplay(replay)}\n`,
  );
  if (replay.verdict === "broken") return AUDIT_EXIT.broken;
  return isAnchored ? AUDIT_EXIT.whole : AUDIT_EXIT.unanchored;
}

function toldReplay({ verdict, end, fault, steps }: SessionReplay): string {
  const signed = steps.filter(({ isSigned }) => isSigned).length;
  if (end !== null)
    return `replayed: it ended at ${isoInstant(end.endedAt)} (${end.reason}), as its policy says; the browser signed ${signed} of its ${steps.length} changes`;
  return fault === null
    ? `replayed: its end is not among the records`
    : `${verdict === "broken" ? "BROKEN" : "not replayed"}: ${fault.message}`;
}
