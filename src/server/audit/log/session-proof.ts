/** One session's records with their proofs, and the policies that they name: what a third party needs, and nobody else's records. */
import { parseCheckpoint } from "../../../evidence/checkpoint.js";
import { formatProof } from "../../../evidence/proof.js";
import { inOrderOfChanges } from "../../../evidence/session-order.js";
import {
  CLOSE_TYPE,
  POLICY_TYPE,
  SESSION_PROOF_FORMAT,
  type SessionProof,
  whoseRecord,
} from "../../../evidence/session-proof.js";
import { HASH_LENGTH, leafHash, type TreeProver, treeProver } from "../../../evidence/tree.js";
import { ConfigurationError } from "../../platform/errors.js";
import { nodeTools } from "../../platform/log-tools.js";
import { contentsOf } from "./directory.js";
import { lastCosigned, lastNote } from "./notes.js";

/**
 * What a third party needs to check one session: `verifySessionProof` of `curfew/evidence` and `curfew audit verify` read it.
 * @param directory the log's; or those of several nodes, whose logs have the session's records together
 * @param head a checkpoint that somebody else has kept, or one for each log: where it has the session's records of its log, they are
 * proven by it
 * @throws ConfigurationError where no signed record is the session's, or the lines are not those that were signed
 */
export async function proveSession(
  directory: string | readonly string[],
  sid: string,
  head: string | readonly string[] | null = null,
): Promise<SessionProof> {
  const directories = typeof directory === "string" ? [directory] : directory;
  const heads = typeof head === "string" ? [head] : (head ?? []);
  const logs: LogOfSession[] = [];
  for (const one of directories) logs.push(await readLog(one, sid));
  if (logs.every(({ own }) => own.length === 0))
    throw new ConfigurationError(
      `no signed record of ${directories.length === 1 ? "the log" : "the logs"} ${directories.map((one) => JSON.stringify(one)).join(", ")} is of the session ${sid}`,
    );
  const placed = logs.map((log) => log.own.map((found) => ({ ...found, log })));
  const own = inOrderOfChanges(placed, ({ record }) => record);
  const policies = new Map(
    logs.flatMap((log) => log.policies.map((found) => [found.record.policy, { ...found, log }])),
  );
  const named = new Set(own.map(({ record }) => record.policy));
  const processes = logs.flatMap((log) => log.processes.map((found) => ({ ...found, log })));
  // Starts and closes show whether a process was killed; they name nobody.
  const needed = lacksChange(own) ? processes : [...named].flatMap((policy) => policies.get(policy) ?? []);
  const found = [...needed, ...own];
  const anchors = new Map(
    logs.map((log) => {
      const seqs = found.filter((one) => one.log === log).map(({ seq }) => seq);
      return [log, anchorOf(log, Math.max(...seqs), heads)];
    }),
  );
  const records = found.map(({ line, seq: index, log }) => {
    const { note, size } = anchors.get(log) ?? log;
    return {
      line,
      proof: formatProof({ index, hashes: log.prover.inclusion(index, size), checkpoint: note }),
    };
  });
  return { format: SESSION_PROOF_FORMAT, sid, records };
}

/** What a log has to do with one session. */
interface LogOfSession extends Head {
  readonly directory: string;
  readonly prover: TreeProver;
  readonly own: readonly FoundRecord[];
  /** The first record of each. */
  readonly policies: readonly FoundRecord[];
  /** The starts and closes of processes. */
  readonly processes: readonly FoundRecord[];
}

interface Head {
  readonly note: string;
  readonly size: number;
}

interface FoundRecord {
  readonly seq: number;
  readonly line: string;
  readonly record: ReadRecord;
}

async function readLog(directory: string, sid: string): Promise<LogOfSession> {
  const note = lastNote(directory);
  const checkpoint = note === null ? null : parseCheckpoint(note);
  if (note === null || checkpoint === null)
    throw new ConfigurationError(
      `the log ${JSON.stringify(directory)} has no checkpoint: nothing of it is signed yet`,
    );
  const { size } = checkpoint;
  const hashes = new Uint8Array(size * HASH_LENGTH);
  const own: FoundRecord[] = [];
  const policies = new Map<unknown, FoundRecord>();
  const processes: FoundRecord[] = [];
  const prover = treeProver(nodeTools.sha256, (at) =>
    hashes.subarray(at * HASH_LENGTH, (at + 1) * HASH_LENGTH),
  );
  let seq = 0;
  for await (const entry of contentsOf(directory).entries) {
    if (seq >= size) break;
    hashes.set("hash" in entry ? entry.hash : leafHash(nodeTools.sha256, entry.line), seq * HASH_LENGTH);
    const line = "line" in entry ? new TextDecoder().decode(entry.line) : "";
    if (line.includes(sid) || line.includes(POLICY_TYPE) || line.includes(CLOSE_TYPE)) {
      const record = readRecord(line);
      const found = { seq, line, record };
      const whose = whoseRecord(record, sid);
      if (whose === "session") own.push(found);
      else if (whose !== null) processes.push(found);
      if (whose === "policy" && !policies.has(record.policy)) policies.set(record.policy, found);
    }
    seq++;
  }
  if (seq < size || !Buffer.from(checkpoint.root).equals(prover.root(size)))
    throw new ConfigurationError(
      `the log ${JSON.stringify(directory)} is not what was signed; see "curfew audit verify"`,
    );
  return { directory, note, size, prover, own, policies: [...policies.values()], processes };
}

/** Whether the number of a change is not among the records. */
function lacksChange(own: readonly FoundRecord[]): boolean {
  const numbers = new Set(
    own.flatMap(({ record: { change } }) => (typeof change === "number" ? change : [])),
  );
  return numbers.size > 0 && Math.max(...numbers) > numbers.size;
}

/** The head that the log's records are proven by: the last one that others vouch for, where it has the record `last`. */
function anchorOf(log: LogOfSession, last: number, heads: readonly string[]): Head {
  for (const note of [...heads, lastCosigned(log.directory)]) {
    const head = note === null ? null : parseCheckpoint(note);
    if (note === null || head === null || head.size <= last || head.size > log.size) continue;
    if (Buffer.from(head.root).equals(log.prover.root(head.size))) return { note, size: head.size };
  }
  return log;
}

interface ReadRecord {
  readonly type?: unknown;
  readonly sid?: unknown;
  readonly policy?: unknown;
  readonly change?: unknown;
  readonly at?: unknown;
}

/** A line that is no record has no members. */
function readRecord(line: string): ReadRecord {
  try {
    return Object(JSON.parse(line));
  } catch {
    return {};
  }
}
