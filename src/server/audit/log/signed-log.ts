/** The audit trail as evidence: records in a tree whose head is signed again and again. */
import { appendFileSync, fdatasync, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { appendFile, open } from "node:fs/promises";
import { promisify } from "node:util";
import { encodeBase64, utf8 } from "../../../evidence/bytes.js";
import { checkpointText } from "../../../evidence/checkpoint.js";
import { formatNote, formatVerifierKey } from "../../../evidence/note.js";
import { leafHash } from "../../../evidence/tree.js";
import { every, isoInstant, systemClock } from "../../platform/clock.js";
import { ConfigurationError, messageOf } from "../../platform/errors.js";
import { narrowingOf } from "../../platform/files.js";
import { nodeTools } from "../../platform/log-tools.js";
import { readDuration } from "../../policy/durations.js";
import { auditLine } from "../audit-line.js";
import type { AuditRecord, AuditSink, AuditType } from "../audit-record.js";
import { checkpointsPath, frontierPath, hashesPath, keyPath } from "./directory.js";
import { type LogSigner, type OpenedKey, openKey } from "./key.js";
import { lockDirectory } from "./lock.js";
import { recoverLog } from "./recover.js";
import { segmentFiles } from "./segment-files.js";

export interface SignedLogOptions {
  /** Where the log stands; made where it is not there. One process writes it. */
  readonly directory: string;
  /** The log's name, such as `bank.example/portal/node-1`, without spaces and plus signs. Default: made of the machine's name, and kept. */
  readonly origin?: string;
  /** The file of the signing key (Ed25519, PEM), or a key service. Default: `log.key` in the directory, made where there is none. */
  readonly key?: string | LogSigner;
  /** How long a record waits for its signature at most, as text with a unit. Default: `"10s"`. */
  readonly checkpointEvery?: string;
}

/** A sink that proves what it holds. */
export interface SignedLog extends AuditSink {
  append(record: AuditRecord): AuditRecord;
  /** The key that a reader verifies the log with, as text: hand it to whoever is to check the trail. */
  readonly vkey: string;
  /** Signs what is there now, rather than at the next turn. */
  checkpoint(): Promise<void>;
}

/** Trees of the public witnesses' kind hold no longer entries (C2SP tlog-tiles). */
const LONGEST_LINE = 60_000;
/** A time in which nothing happened is signed too: else a cut looks like a pause. */
const SILENCE = 3_600_000;
const OWNER_ONLY = 0o600;
const synced = promisify(fdatasync);

/**
 * An audit sink whose records a third party can check (`curfew audit verify`, `curfew/evidence`): each record is a line in
 * a file and a leaf of a tree (RFC 6962), whose head is signed (C2SP tlog-checkpoint, Ed25519). A record is on its way
 * to the disk when the call returns, so that a killed process loses none; it is on the disk when it is signed.
 * @throws ConfigurationError where the directory cannot be written, another process has it, the key is another one, or
 * records are missing that were signed
 */
export function signedLog(options: SignedLogOptions): SignedLog {
  const { directory, interval } = read(options);
  const release = lockDirectory(directory);
  try {
    return openLog(directory, interval, openKey(directory, options.origin, options.key), release);
  } catch (error) {
    release();
    throw error;
  }
}

function read({ directory, checkpointEvery = "10s", origin }: SignedLogOptions): {
  directory: string;
  interval: number;
} {
  if (typeof directory !== "string" || directory === "")
    throw new ConfigurationError(`signedLog: "directory" must be a path, such as "audit"`);
  const interval = readDuration(checkpointEvery);
  if (typeof interval !== "number") throw new ConfigurationError(`signedLog: "checkpointEvery" ${interval}`);
  if (interval < 100 || interval > SILENCE)
    throw new ConfigurationError(
      `signedLog: "checkpointEvery" is ${checkpointEvery}; write one from "100ms" to "1h"`,
    );
  if (origin !== undefined && !/^[^\s+]+$/.test(origin))
    throw new ConfigurationError(
      `signedLog: "origin" is ${JSON.stringify(origin)}; write a name without spaces and plus signs, such as "bank.example/portal/node-1"`,
    );
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ConfigurationError(`signedLog cannot make ${JSON.stringify(directory)}: ${messageOf(error)}`);
  }
  return { directory, interval };
}

/** What a record of the log's own is made after. */
type Frame = Pick<AuditRecord, "v" | "app" | "policy">;

function frameOf({ v, app, policy }: AuditRecord): Frame {
  return { v, app, policy };
}

function openLog(directory: string, interval: number, key: OpenedKey, release: () => void): SignedLog {
  const recovered = recoverLog(directory);
  const { tree } = recovered;
  const files = segmentFiles(directory, recovered.segment);
  let signedSize = recovered.signed?.size ?? -1;
  let signedAt = systemClock.now();
  let hashes: Uint8Array[] = [];
  let frame: Frame | null = null;
  let lost = 0;
  let tornBytes = recovered.tornBytes;
  let signing: Promise<void> = Promise.resolve();

  const put = (record: AuditRecord): AuditRecord => {
    const { v, ...rest } = record;
    const numbered: AuditRecord = { v, seq: tree.size, ...rest };
    const line = utf8(auditLine(numbered));
    if (line.length > LONGEST_LINE)
      throw new Error(`a record of ${line.length} bytes is too long for the signed log (${record.type})`);
    files.write(line);
    const hash = leafHash(nodeTools.sha256, line);
    tree.append(hash);
    hashes.push(hash);
    frame = frameOf(record);
    return numbered;
  };
  const own = (type: AuditType, of: Frame, at: string, count?: number) =>
    put({ ...of, at, type, ...(count === undefined ? {} : { count }) });

  const sign = async (): Promise<void> => {
    const [size, root, frontier, file] = [tree.size, tree.root(), tree.frontier(), files.current()];
    const [taken, before] = [hashes, hashes.length];
    await appendFile(hashesPath(directory, file.first), Buffer.concat(taken), { mode: OWNER_ONLY });
    hashes = hashes.slice(before);
    await synced(file.descriptor);
    const text = checkpointText({ origin: key.key.name, size, root });
    const bytes = await key.sign(utf8(text));
    await appendDurably(
      checkpointsPath(directory),
      formatNote({ text, signatures: [{ ...key.key, bytes }] }),
    );
    keepFrontier(directory, frontier);
    signedSize = size;
    signedAt = systemClock.now();
    if (!files.isFull()) return;
    appendFileSync(hashesPath(directory, file.first), Buffer.concat(hashes), { mode: OWNER_ONLY });
    hashes = [];
    files.turn(tree.size);
  };
  const checkpoint = (): Promise<void> => {
    signing = signing.then(sign, sign);
    return signing;
  };
  const stop = every(interval, async () => {
    if (frame !== null && systemClock.now() >= signedAt + SILENCE && tree.size === signedSize)
      own("audit_silence", frame, isoInstant(systemClock.now()));
    if (tree.size > signedSize) await checkpoint().catch(noted);
  });
  let failure: Error | null = null;
  const noted = (error: unknown) => {
    failure = error instanceof Error ? error : new Error(messageOf(error));
  };
  const append = (record: AuditRecord): AuditRecord => {
    const failed = failure;
    failure = null;
    try {
      if (tornBytes > 0) own("audit_torn", frameOf(record), record.at, tornBytes);
      tornBytes = 0;
      if (lost > 0) own("audit_gap", frameOf(record), record.at, lost);
      lost = 0;
      const numbered = put(record);
      if (failed !== null) throw failed;
      return numbered;
    } catch (error) {
      if (error !== failed) lost++;
      throw error;
    }
  };
  return {
    vkey: formatVerifierKey(key.key),
    append,
    write: (record) => void append(record),
    checkpoint,
    warning() {
      const cure = narrowingOf(
        [keyPath(directory)].filter((path) => statSync(path, { throwIfNoEntry: false })),
      );
      return cure === null
        ? null
        : new Error(
            `the audit log's key is open to other users of this machine, who could sign in its name; run: ${cure}`,
          );
    },
    async close() {
      stop();
      try {
        if (frame !== null) own("audit_closed", frame, isoInstant(systemClock.now()));
        await checkpoint();
      } finally {
        files.close();
        release();
      }
    },
  };
}

async function appendDurably(path: string, text: string): Promise<void> {
  const file = await open(path, "a", OWNER_ONLY);
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Whole or as it was: it is written beside, and takes the other's place. */
function keepFrontier(directory: string, frontier: readonly Uint8Array[]): void {
  const path = frontierPath(directory);
  writeFileSync(`${path}.new`, `${frontier.map(encodeBase64).join("\n")}\n`, { mode: OWNER_ONLY });
  renameSync(`${path}.new`, path);
}
