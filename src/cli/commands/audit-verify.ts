/** `curfew audit verify`: whether a log, or one session's proof, is what was signed. */
import { existsSync, statSync } from "node:fs";
import { parseCheckpoint } from "../../evidence/checkpoint.js";
import type { LogVerdict } from "../../evidence/log-verdict.js";
import { anchorsOf, type LogAnchor } from "../../evidence/noted-anchors.js";
import { SESSION_PROOF_FORMAT, verifySessionProofWith } from "../../evidence/session-proof.js";
import { type LogTrust, verifyLogWith } from "../../evidence/verify-log.js";
import type { ProofTrust } from "../../evidence/verify-proof.js";
import { contentsOf } from "../../server/audit/log/directory.js";
import { lastNote } from "../../server/audit/log/notes.js";
import { verifierKeyPath } from "../../server/audit/log/paths.js";
import { headsNotedIn } from "../../server/audit/log/peers.js";
import { stampedHeads, stampedSizes } from "../../server/audit/log/stamped.js";
import { ConfigurationError, messageOf } from "../../server/platform/errors.js";
import { nodeReplayTools, nodeTools } from "../../server/platform/log-tools.js";
import { loadTimeStamps } from "../../server/platform/time-stamps.js";
import type { CommandProcess } from "../process/process.js";
import { type ReadLog, told, toldAnchor, toldPlaces, toldReplay, toldStamps } from "./audit-told.js";
import { fileText, keysOf } from "./keys.js";

export interface AuditVerifyOptions {
  readonly vkey: readonly string[];
  readonly witness: readonly string[];
  /** Files with a checkpoint each. */
  readonly head: readonly string[];
  /** Files with certificates that time-stamps must lead to. */
  readonly timestampCa: readonly string[];
  readonly json?: boolean;
}

/** `usage`: what was typed cannot be done. `unanchored`: whole, with records that nobody else vouches for. */
export const AUDIT_EXIT = { whole: 0, broken: 1, unanchored: 2, usage: 3 } as const;

/**
 * @returns the exit code: of several the worst
 * @param paths logs' directories, each held against what the others have noted of it; or a session's proof
 */
export async function auditVerifyCommand(
  shell: CommandProcess,
  paths: readonly string[],
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
    const missing = paths.find((path) => !existsSync(path));
    if (missing !== undefined) throw new ConfigurationError(`${JSON.stringify(missing)} is not there`);
    const [path = "", another] = paths;
    const file = paths.find((one) => !statSync(one).isDirectory());
    if (file === undefined) return await verifyLogs(shell, paths, trust, options);
    if (another !== undefined)
      throw new ConfigurationError(
        `${JSON.stringify(file)} is no log's directory: a session's proof is verified alone`,
      );
    return await verifySessionProof(shell, path, trust, options);
  } catch (error) {
    if (!(error instanceof ConfigurationError || error instanceof TypeError)) throw error;
    shell.complain(`${messageOf(error)}\n`);
    return AUDIT_EXIT.usage;
  }
}

const NOTHING_NOTED = { heads: [], unsigned: [] };

/** From the best to the worst. */
const WORSE: readonly number[] = [AUDIT_EXIT.whole, AUDIT_EXIT.unanchored, AUDIT_EXIT.broken];

async function verifyLogs(
  shell: CommandProcess,
  directories: readonly string[],
  trust: LogTrust,
  options: AuditVerifyOptions,
): Promise<number> {
  const isOne = directories.length === 1;
  const named = directories.map((directory) => ({ directory, origin: originOf(directory) }));
  const { heads, unsigned } = isOne ? NOTHING_NOTED : await headsNotedIn(named, trust.keys);
  const logs: ReadLog[] = [];
  for (const { directory, origin } of named) {
    const noted = heads.filter((head) => head.origin === origin).map(({ checkpoint }) => checkpoint);
    const own = { ...trust, heads: headsOf(origin, trust.heads, isOne), noted };
    logs.push({ directory, origin, ...(await verifyOne(shell, directory, own, options)) });
  }
  const anchors = anchorsOf(outsideOf(logs), heads);
  const verdicts: object[] = [];
  let worst: number = AUDIT_EXIT.whole;
  for (const { directory, origin, verdict, more } of logs) {
    const anchor = anchors.get(origin) ?? { size: 0, through: null };
    const code =
      verdict.fault !== null
        ? AUDIT_EXIT.broken
        : anchor.size === verdict.size
          ? AUDIT_EXIT.whole
          : AUDIT_EXIT.unanchored;
    worst = WORSE[Math.max(WORSE.indexOf(worst), WORSE.indexOf(code))] ?? code;
    verdicts.push(
      isOne
        ? verdict
        : { directory, origin, ...verdict, anchoredSize: anchor.size, anchoredThrough: wayOf(anchor) },
    );
    const lines = [...told(verdict, toldAnchor(verdict, anchor, logs)), ...more];
    if (!options.json)
      shell.print(`${[...(isOne ? [] : [`${directory} (${origin})`]), ...lines].join("\n")}\n`);
  }
  const lost = [...new Set(heads.map(({ origin }) => origin))].filter(
    (origin) => !named.some((one) => one.origin === origin),
  );
  if (lost.length > 0 && worst === AUDIT_EXIT.whole) worst = AUDIT_EXIT.unanchored;
  for (const origin of options.json ? [] : lost)
    shell.print(
      `not there: the log ${origin}, which the others have noted, is in none of these directories\n`,
    );
  for (const place of options.json ? [] : unsigned)
    shell.print(`not counted: ${place}: it names a head that none of the keys that were given has signed\n`);
  if (options.json)
    shell.print(`${JSON.stringify(isOne ? verdicts[0] : { logs: verdicts, lost, unsigned }, null, 2)}\n`);
  return worst;
}

/** What somebody outside vouches for. A log that is broken has no anchor, and is none; of two of one name the shorter one counts. */
function outsideOf(logs: readonly ReadLog[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const { origin, verdict } of logs)
    sizes.set(origin, Math.min(verdict.anchoredSize, sizes.get(origin) ?? Number.POSITIVE_INFINITY));
  for (const { origin, verdict } of logs) if (verdict.fault !== null) sizes.delete(origin);
  return sizes;
}

/** The logs by which a log is anchored, from the one that has noted it on. */
function wayOf({ through }: LogAnchor): readonly object[] {
  if (through === null) return [];
  const { by, seq, size } = through.head;
  return [{ origin: by, seq, size }, ...wayOf(through.anchor)];
}

async function verifyOne(
  shell: CommandProcess,
  directory: string,
  trust: LogTrust,
  options: AuditVerifyOptions,
): Promise<{ readonly verdict: LogVerdict; readonly more: readonly string[] }> {
  const { heads: stamped, fault, strangers } = await stampsIn(directory, options.timestampCa);
  const progress = ({ size }: { readonly size: number }) =>
    options.json ? undefined : shell.complain(`${size} records …\n`);
  const read = await verifyLogWith({ ...nodeTools, progress }, contentsOf(directory), { ...trust, stamped });
  const verdict = { ...read, fault: read.fault ?? fault, strangers };
  const unread = options.timestampCa.length > 0 ? 0 : stampedSizes(directory).length;
  return { verdict, more: toldStamps(verdict, strangers, unread) };
}

/** The name of the log in a directory: of one whose heads were taken away its key has it. */
function originOf(directory: string): string {
  const note = lastNote(directory);
  const signed = note === null ? null : parseCheckpoint(note);
  if (signed !== null) return signed.origin;
  const file = verifierKeyPath(directory);
  return existsSync(file) ? (keysOf(file, [file])[0]?.name ?? "") : "";
}

/** Of several logs each is held against its own heads. */
function headsOf(origin: string, heads: readonly string[], isOne: boolean): readonly string[] {
  return isOne ? heads : heads.filter((head) => parseCheckpoint(head)?.origin === origin);
}

/** @param files with the certificates of the authorities that the reader believes */
async function stampsIn(directory: string, files: readonly string[]) {
  if (files.length === 0) return { heads: [], fault: null, strangers: [] };
  const stamps = loadTimeStamps("curfew audit verify --timestamp-ca");
  const roots = files.flatMap((file) => {
    try {
      return stamps.roots(fileText(file));
    } catch (error) {
      throw new ConfigurationError(`--timestamp-ca ${JSON.stringify(file)}: ${messageOf(error)}`);
    }
  });
  return await stampedHeads(directory, stamps, roots);
}

async function verifySessionProof(
  shell: CommandProcess,
  path: string,
  trust: ProofTrust,
  { json, timestampCa }: AuditVerifyOptions,
): Promise<number> {
  if (timestampCa.length > 0)
    throw new ConfigurationError(
      "--timestamp-ca is for a log's directory: check the head that the proof is made by with openssl ts -verify, and give it as --head",
    );
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
  const { sid, seqs: places, origins, replay, isAnchored } = verdict;
  shell.print(
    json
      ? `${JSON.stringify({ fault: null, sid, places, origins, replay }, null, 2)}\n`
      : `proven: ${places.length} records of the session ${sid} and its policy are in ${toldPlaces(places, origins)}\n${toldReplay(replay)}\n`,
  );
  if (replay.verdict === "broken") return AUDIT_EXIT.broken;
  return isAnchored ? AUDIT_EXIT.whole : AUDIT_EXIT.unanchored;
}
