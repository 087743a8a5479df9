/** Asks witnesses to sign a log's heads too (C2SP tlog-witness): one that is away slows nothing, and is asked again. */
import { formatAddedCheckpoint } from "../../../evidence/add-checkpoint.js";
import { readCount } from "../../../evidence/bytes.js";
import { parseCheckpoint } from "../../../evidence/checkpoint.js";
import { proveConsistency } from "../../../evidence/consistency.js";
import { formatNote, type VerifierKey, verifyNote } from "../../../evidence/note.js";
import { growingTree } from "../../../evidence/tree.js";
import { every, within } from "../../platform/clock.js";
import { messageOf } from "../../platform/errors.js";
import { nodeTools } from "../../platform/log-tools.js";
import { type PostAnswer, post } from "../../platform/post.js";
import { hashesBetween } from "./directory.js";
import { appendWhole } from "./notes.js";
import { cosignedPath } from "./paths.js";
import { FIRST_PAUSE, type Retry, retryPauses } from "./retry.js";

export interface Witness {
  /** Where `add-checkpoint` stands behind. */
  readonly url: string;
  readonly key: VerifierKey;
}

/** A head as the log has just signed it. */
export interface SignedHead {
  readonly note: string;
  readonly size: number;
  readonly frontier: readonly Uint8Array[];
}

interface Witnesses {
  /** Asks each witness for its signature; does not wait for it. */
  ask(head: SignedHead): void;
  /** Resolves when those that are asked now have answered, or their time is up. */
  finish(): Promise<void>;
}

/** How long one answer may take. */
const TIMEOUT = 5_000;

/** What is known of one witness. */
interface Asked {
  readonly witness: Witness;
  /** What it has last signed: the proof begins there. */
  size: number;
  frontier: readonly Uint8Array[];
  readonly retry: Retry;
}

/** @param tell told once of each trouble with a witness, until it signs again */
export function askWitnesses(
  directory: string,
  witnesses: readonly Witness[],
  tell: (trouble: Error) => void,
): Witnesses {
  const all = witnesses.map((witness): Asked => ({ witness, size: 0, frontier: [], retry: retryPauses() }));
  let newest: SignedHead | null = null;
  let round: Promise<void> | null = null;
  const failed = (asked: Asked, error: unknown) => {
    if (asked.retry.failed())
      tell(
        new Error(
          `the witness ${asked.witness.key.name} has not signed the audit log: ${messageOf(error)}. It is asked again; what is newer than its last signature is not anchored`,
        ),
      );
  };
  const askOne = async (asked: Asked, head: SignedHead): Promise<void> => {
    try {
      const cosigned = await cosignedBy(directory, asked, head);
      await appendWhole(cosignedPath(directory), cosigned);
      Object.assign(asked, { size: head.size, frontier: head.frontier });
      asked.retry.answered();
    } catch (error) {
      failed(asked, error);
    }
  };
  const due = (head: SignedHead) => all.filter(({ size, retry }) => size < head.size && retry.isDue());
  const run = async (): Promise<void> => {
    // One head at a time: what is appended stands in the order of the sizes.
    for (let head = newest; head !== null && due(head).length > 0; head = newest) {
      const asking = head;
      await Promise.all(due(head).map((asked) => askOne(asked, asking)));
    }
  };
  const begin = () => {
    round ??= run().finally(() => {
      round = null;
    });
  };
  const stop = all.length === 0 ? () => {} : every(FIRST_PAUSE, async () => begin());
  return {
    ask(head) {
      newest = head;
      begin();
    },
    async finish() {
      stop();
      await within(2 * TIMEOUT, round ?? Promise.resolve(), () => new Error("late")).catch(() => {});
    },
  };
}

/** The head with the witness's signature. @throws Error that says why there is none */
async function cosignedBy(directory: string, asked: Asked, head: SignedHead): Promise<string> {
  let answer = await addCheckpoint(directory, asked, head);
  const known = answer.status === 409 ? readCount(answer.text.trimEnd()) : null;
  if (known !== null && known !== asked.size) {
    if (known > head.size) throw new Error(isBehind(known, head));
    const tree = growingTree(nodeTools.sha256);
    for await (const hash of hashesBetween(directory, 0, known)) tree.append(hash);
    Object.assign(asked, { size: known, frontier: tree.frontier() });
    answer = await addCheckpoint(directory, asked, head);
  }
  if (answer.status === 422 || answer.status === 409) throw new Error(isForked(head));
  if (answer.status !== 200) throw new Error(`it answered ${answer.status}${WHY[answer.status] ?? ""}`);
  return await withSignature(asked.witness, head, answer.text);
}

const WHY: Readonly<Record<number, string>> = {
  403: ": it knows this log by another key",
  404: ": it does not know this log; give it the log's key",
};

function isBehind(known: number, { size }: SignedHead): string {
  return `it has signed ${known} records, and there are ${size}: the log was restored from an older copy, or somebody else writes under its name. Keep it as it is, and begin a log in another directory`;
}

function isForked({ size }: SignedHead): string {
  return `the log of ${size} records does not go on from what it has signed: the log was changed, or restored from an older copy. Keep it as it is, and begin a log in another directory`;
}

async function addCheckpoint(directory: string, old: Asked, { note, size }: SignedHead): Promise<PostAnswer> {
  const leaves = hashesBetween(directory, old.size, size);
  const proof = await proveConsistency(nodeTools.sha256, old, size, leaves);
  const url = `${old.witness.url.replace(/\/+$/, "")}/add-checkpoint`;
  const body = formatAddedCheckpoint({ oldSize: old.size, proof, checkpoint: note });
  return await post({ url, body, contentType: "text/plain; charset=utf-8" }, TIMEOUT);
}

/** Lines of other keys are left out. */
async function withSignature({ key }: Witness, { note }: SignedHead, lines: string): Promise<string> {
  const answered = parseCheckpoint(`${note}${lines}`);
  const own = parseCheckpoint(note);
  if (answered === null || own === null) throw new Error("its answer holds no signatures");
  const verdict = await verifyNote(nodeTools.verify, answered.note, [key]);
  if (verdict.status !== "verified") throw new Error("its answer holds no signature by its key");
  const signatures = answered.note.signatures.filter(({ name }) => name === key.name);
  return formatNote({ ...own.note, signatures: [...own.note.signatures, ...signatures] });
}
