/** The audit trail as evidence: records in a tree whose head is signed again and again. */
import { fdatasync, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { utf8 } from "../../../evidence/bytes.js";
import { checkpointText } from "../../../evidence/checkpoint.js";
import { formatNote, formatVerifierKey } from "../../../evidence/note.js";
import { leafHash } from "../../../evidence/tree.js";
import { encodeBase64 } from "../../../protocol/base64.js";
import { every, isoInstant, systemClock } from "../../platform/clock.js";
import { ConfigurationError, messageOf } from "../../platform/errors.js";
import { narrowingOf } from "../../platform/files.js";
import { nodeTools } from "../../platform/log-tools.js";
import { auditLine } from "../audit-line.js";
import type { AuditRecord, AuditSink, AuditType, LogHead } from "../audit-record.js";
import { type Authority, askAuthority } from "./authority.js";
import { type OpenedKey, openKey } from "./key.js";
import { lockDirectory } from "./lock.js";
import { appendWhole } from "./notes.js";
import { readLogOptions, SILENCE, type SignedLogOptions } from "./options.js";
import { checkpointsPath, frontierPath, hashesPath, keyPath } from "./paths.js";
import { recoverLog } from "./recover.js";
import { segmentFiles } from "./segment-files.js";
import { askWitnesses, type Witness } from "./witnesses.js";

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
  const { directory, origin, key, ...rest } = readLogOptions(options);
  makeDirectory(directory);
  const release = lockDirectory(directory);
  try {
    return openLog({ ...rest, directory, key: openKey(directory, origin, key), release });
  } catch (error) {
    release();
    throw error;
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ConfigurationError(`signedLog cannot make ${JSON.stringify(directory)}: ${messageOf(error)}`);
  }
}

/** What a record of the log's own is made after. */
type Frame = Pick<AuditRecord, "v" | "app" | "policy">;

function frameOf({ v, app, policy }: AuditRecord): Frame {
  return { v, app, policy };
}

interface Opening {
  readonly directory: string;
  readonly checkpointEvery: number;
  readonly whenLost: "continue" | "refuse";
  readonly key: OpenedKey;
  readonly witnesses: readonly Witness[];
  readonly authority: Authority | null;
  /** Gives the directory back. */
  readonly release: () => void;
}

function openLog(opening: Opening): SignedLog {
  const { directory, checkpointEvery, whenLost, key, witnesses, authority, release } = opening;
  const recovered = recoverLog(directory);
  const { tree } = recovered;
  const files = segmentFiles(directory, recovered.segment);
  let signedSize = recovered.signed?.size ?? -1;
  let signedAt = systemClock.now();
  let hashes: Uint8Array[] = [];
  let frame: Frame | null = null;
  let news = -1;
  let head: LogHead = { origin: key.key.name, size: 0, news, checkpoint: "" };
  let lost = 0;
  let lostFrame: Frame | null = null;
  let isBlocked = false;
  let told = "";
  let tornBytes = recovered.tornBytes;
  let signing: Promise<void> = Promise.resolve();
  let tell: (trouble: unknown) => void = () => {};
  const asked = [
    askWitnesses(directory, witnesses, (trouble) => tell(trouble)),
    askAuthority(directory, authority, (trouble) => tell(trouble)),
  ];

  const put = (record: AuditRecord): AuditRecord => {
    const { v, ...rest } = record;
    const numbered: AuditRecord = { v, seq: tree.size, ...rest };
    const line = utf8(auditLine(numbered));
    if (line.length > LONGEST_LINE)
      throw new Error(`a record of ${line.length} bytes is too long for the signed log (${record.type})`);
    // Until the disk takes it.
    isBlocked = true;
    files.write(line);
    isBlocked = false;
    const hash = leafHash(nodeTools.sha256, line);
    tree.append(hash);
    hashes.push(hash);
    frame = frameOf(record);
    if (record.type !== "audit_checkpoint") news = tree.size - 1;
    return numbered;
  };
  const own = (type: AuditType, of: Frame, at: string, count?: number) =>
    put({ ...of, at, type, ...(count === undefined ? {} : { count }) });

  const keepHashes = async (first: number): Promise<void> => {
    const taken = hashes.length;
    await appendWhole(hashesPath(directory, first), Buffer.concat(hashes.slice(0, taken)));
    hashes = hashes.slice(taken);
  };
  const sign = async (): Promise<void> => {
    const [size, root, frontier, file] = [tree.size, tree.root(), tree.frontier(), files.current()];
    const signedNews = news;
    await Promise.all([keepHashes(file.first), synced(file.descriptor)]);
    const text = checkpointText({ origin: key.key.name, size, root });
    const bytes = await key.sign(utf8(text));
    const note = formatNote({ text, signatures: [{ ...key.key, bytes }] });
    await appendWhole(checkpointsPath(directory), note);
    keepFrontier(directory, frontier);
    signedSize = size;
    signedAt = systemClock.now();
    head = { ...head, size, news: signedNews, checkpoint: note };
    for (const other of asked) other.ask({ note, size, frontier });
    if (!files.isFull()) return;
    // None comes between the last of them and the turn.
    while (hashes.length > 0) await keepHashes(file.first);
    files.turn(tree.size);
  };
  const checkpoint = (): Promise<void> => {
    signing = signing.then(sign, sign);
    return signing;
  };
  const tellLost = (of: Frame, at: string) => {
    if (lost > 0) own("audit_gap", of, at, lost);
    lost = 0;
  };
  const stop = every(checkpointEvery, async () => {
    try {
      if (frame !== null && systemClock.now() >= signedAt + SILENCE && tree.size === signedSize)
        own("audit_silence", frame, isoInstant(systemClock.now()));
      // Where calls are refused, no record comes that could tell of it.
      if (lostFrame !== null) tellLost(lostFrame, isoInstant(systemClock.now()));
      if (tree.size > signedSize) await checkpoint();
      told = "";
    } catch (error) {
      // It is tried again and again, and told of once.
      if (messageOf(error) !== told) tell(error);
      told = messageOf(error);
    }
  });
  const append = (record: AuditRecord): AuditRecord => {
    try {
      if (tornBytes > 0) own("audit_torn", frameOf(record), record.at, tornBytes);
      tornBytes = 0;
      tellLost(frameOf(record), record.at);
      return put(record);
    } catch (error) {
      lost++;
      lostFrame = frameOf(record);
      throw error;
    }
  };
  return {
    vkey: formatVerifierKey(key.key),
    append,
    write: (record) => void append(record),
    checkpoint,
    head: () => head,
    longestLine: LONGEST_LINE,
    isRefusing: () => whenLost === "refuse" && isBlocked,
    onTrouble(listener) {
      tell = listener;
    },
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
        await Promise.all(asked.map((other) => other.finish()));
        files.close();
        release();
      }
    },
  };
}

/** Whole or as it was: it is written beside, and takes the other's place. */
function keepFrontier(directory: string, frontier: readonly Uint8Array[]): void {
  const path = frontierPath(directory);
  writeFileSync(`${path}.new`, `${frontier.map(encodeBase64).join("\n")}\n`, { mode: OWNER_ONLY });
  renameSync(`${path}.new`, path);
}
