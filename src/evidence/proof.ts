/** Proofs that a record is in a log (C2SP tlog-proof): its place, the hashes up to the root, and a checkpoint. */
import { encodeBase64 } from "../protocol/base64.js";
import { decodeBase64, readCount } from "./bytes.js";
import { HASH_LENGTH } from "./tree.js";

const HEADER = "c2sp.org/tlog-proof@v1";
const MOST_HASHES = 63;

interface LogProof {
  readonly index: number;
  readonly hashes: readonly Uint8Array[];
  /** As it was signed. */
  readonly checkpoint: string;
}

/** The text of a `.tlog-proof` file. */
export function formatProof({ index, hashes, checkpoint }: LogProof): string {
  return `${[HEADER, `index ${index}`, ...hashes.map(encodeBase64)].join("\n")}\n\n${checkpoint}`;
}

/** Null where it is none. What others write as `extra` is not authenticated, and not read. */
export function parseProof(written: string): LogProof | null {
  const blank = written.indexOf("\n\n");
  if (blank < 0) return null;
  const [header, ...lines] = written.slice(0, blank).split("\n");
  if (header !== HEADER) return null;
  if (lines[0]?.startsWith("extra ")) lines.shift();
  const [indexLine, ...encoded] = lines;
  const index = indexLine?.startsWith("index ") ? readCount(indexLine.slice("index ".length)) : null;
  if (index === null || encoded.length > MOST_HASHES) return null;
  const hashes: Uint8Array[] = [];
  for (const line of encoded) {
    const hash = decodeBase64(line);
    if (hash?.length !== HASH_LENGTH) return null;
    hashes.push(hash);
  }
  return { index, hashes, checkpoint: written.slice(blank + 2) };
}
