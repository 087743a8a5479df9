/** What the logs of other nodes have noted of a log's heads. */
import { type Checkpoint, parseCheckpoint } from "../../../evidence/checkpoint.js";
import { type VerifierKey, verifyNote } from "../../../evidence/note.js";
import type { NotedHead } from "../../../evidence/noted-anchors.js";
import { nodeTools } from "../../platform/log-tools.js";
import { contentsOf } from "./directory.js";

interface NotedCheckpoint extends NotedHead {
  readonly checkpoint: string;
}

interface NotedHeads {
  /** Those that the key of their log has signed: of each log in each other the longest, and some on the way there. */
  readonly heads: readonly NotedCheckpoint[];
  /** Records that name a head which no key that is believed has signed. */
  readonly unsigned: readonly string[];
}

interface NamedLog {
  readonly directory: string;
  readonly origin: string;
}

/** So many heads of one log are held against it: each of its stretches has one. */
const MOST_HEADS = 1_000;

/** @param logs that may have noted heads @param keys of the logs that are believed */
export async function headsNotedIn(
  logs: readonly NamedLog[],
  keys: readonly VerifierKey[],
): Promise<NotedHeads> {
  const heads: NotedCheckpoint[] = [];
  const unsigned: string[] = [];
  for (const { directory, origin: by } of logs) {
    const found = new Map<string, readonly NotedCheckpoint[]>();
    let seq = -1;
    for await (const entry of contentsOf(directory).entries) {
      seq++;
      const checkpoint = "line" in entry ? notedBy(entry.line) : null;
      if (checkpoint === null) continue;
      const head = await signedHead(checkpoint, keys);
      if (head === null) {
        unsigned.push(`${directory}, record ${seq}`);
        continue;
      }
      const { origin, size } = head;
      found.set(origin, thinned([...(found.get(origin) ?? []), { origin, size, by, seq, checkpoint }]));
    }
    heads.push(...[...found.values()].flat());
  }
  return { heads, unsigned };
}

/** Each second one goes where there are too many: the last one stays. */
function thinned<T>(heads: readonly T[]): readonly T[] {
  return heads.length <= MOST_HEADS ? heads : heads.filter((_, at) => (heads.length - 1 - at) % 2 === 0);
}

const TYPE = '"type":"audit_checkpoint"';
const DECODER = new TextDecoder();

function notedBy(line: Uint8Array): string | null {
  const text = DECODER.decode(line);
  if (!text.includes(TYPE)) return null;
  try {
    const { type, checkpoint }: Readonly<Record<string, unknown>> = Object(JSON.parse(text));
    return type === "audit_checkpoint" ? String(checkpoint) : null;
  } catch {
    return null;
  }
}

async function signedHead(written: string, keys: readonly VerifierKey[]): Promise<Checkpoint | null> {
  const checkpoint = parseCheckpoint(written);
  if (checkpoint === null) return null;
  const own = keys.filter(({ name }) => name === checkpoint.origin);
  const { status } = await verifyNote(nodeTools.verify, checkpoint.note, own);
  return status === "verified" ? checkpoint : null;
}
