/** Has a log's heads time-stamped (RFC 3161): an authority that is away, or lies, slows nothing, and is asked again. */
import { mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { utf8 } from "../../../evidence/bytes.js";
import { every, isoInstant, systemClock, within } from "../../platform/clock.js";
import { messageOf } from "../../platform/errors.js";
import { post } from "../../platform/post.js";
import type { Roots, TimeStamps } from "../../platform/time-stamps.js";
import { stampedPath, timeStampPath, timeStampsPath } from "./paths.js";
import { FIRST_PAUSE, retryPauses } from "./retry.js";
import { stampedSizes } from "./stamped.js";
import type { SignedHead } from "./witnesses.js";

export interface Authority {
  readonly url: string;
  /** How often a head is stamped. */
  readonly interval: number;
  /** Empty: an answer is believed that is a time-stamp at all. */
  readonly roots: Roots;
  readonly stamps: TimeStamps;
}

interface Stamping {
  /** Has the head stamped if it is time; does not wait for it. */
  ask(head: SignedHead): void;
  /** Has the last head stamped. Resolves when that is done, or its time is up. */
  finish(): Promise<void>;
}

/** How long one answer may take. */
const TIMEOUT = 5_000;
const OWNER_ONLY = { file: 0o600, directory: 0o700 };
const NOBODY: Stamping = { ask() {}, finish: async () => {} };

/** @param tell told once of each trouble with the authority, until it stamps again */
export function askAuthority(
  directory: string,
  authority: Authority | null,
  tell: (trouble: Error) => void,
): Stamping {
  if (authority === null) return NOBODY;
  const { host } = new URL(authority.url);
  const waiting = retryPauses();
  let stampedSize = -1;
  let dueAt = lastStampedAt(directory) + authority.interval;
  let newest: SignedHead | null = null;
  let isLast = false;
  let round: Promise<void> | null = null;
  const stamp = async (head: SignedHead): Promise<void> => {
    try {
      keepStamp(directory, head, await stampOf(authority, head));
      waiting.answered();
      stampedSize = head.size;
      dueAt = systemClock.now() + authority.interval;
    } catch (error) {
      if (waiting.failed())
        tell(
          new Error(
            `the time-stamping authority ${host} has not stamped the audit log: ${messageOf(error)}. It is asked again; what is newer than its last time-stamp is not anchored by it`,
          ),
        );
    }
  };
  const due = (): SignedHead | null => {
    const isTime = isLast || systemClock.now() >= dueAt;
    return newest !== null && newest.size > stampedSize && isTime && waiting.isDue() ? newest : null;
  };
  const run = async (): Promise<void> => {
    for (let head = due(); head !== null; head = due()) await stamp(head);
  };
  const begin = () => {
    round ??= run().finally(() => {
      round = null;
    });
  };
  const stampLast = async (): Promise<void> => {
    await round;
    isLast = true;
    begin();
    await round;
  };
  const stop = every(FIRST_PAUSE, async () => begin());
  return {
    ask(head) {
      newest = head;
      begin();
    },
    async finish() {
      stop();
      await within(2 * TIMEOUT, stampLast(), () => new Error("late")).catch(() => {});
    },
  };
}

/** @returns the answer as it came @throws Error that says why it cannot be kept */
async function stampOf({ url, stamps, roots }: Authority, { note }: SignedHead): Promise<Uint8Array> {
  const { question, nonce } = await stamps.ask(utf8(note));
  const { status, bytes } = await post(
    { url, body: question, contentType: "application/timestamp-query" },
    TIMEOUT,
  );
  if (status !== 200) throw new Error(`it answered ${status}`);
  const { stampedAt, isTrusted } = await readAnswer(stamps, bytes, note, nonce, roots);
  if (roots.length > 0 && !isTrusted)
    throw new Error(
      `its certificate does not lead to one of "ca", or was not valid at ${isoInstant(stampedAt)}`,
    );
  return bytes;
}

async function readAnswer(
  stamps: TimeStamps,
  answer: Uint8Array,
  note: string,
  nonce: Uint8Array,
  roots: Roots,
) {
  try {
    return await stamps.read(answer, utf8(note), nonce, roots);
  } catch (error) {
    throw new Error(`its answer is refused: ${messageOf(error)}`, { cause: error });
  }
}

/** Whole or not at all: the time-stamp takes its name last. */
function keepStamp(directory: string, { note, size }: SignedHead, answer: Uint8Array): void {
  mkdirSync(timeStampsPath(directory), { recursive: true, mode: OWNER_ONLY.directory });
  const path = timeStampPath(directory, size);
  writeFileSync(stampedPath(directory, size), note, { mode: OWNER_ONLY.file });
  writeFileSync(`${path}.new`, answer, { mode: OWNER_ONLY.file });
  renameSync(`${path}.new`, path);
}

/** A process that begins anew again and again asks no more often. */
function lastStampedAt(directory: string): number {
  const size = stampedSizes(directory).at(-1);
  const file = size === undefined ? undefined : statSync(timeStampPath(directory, size));
  return file?.mtimeMs ?? 0;
}
