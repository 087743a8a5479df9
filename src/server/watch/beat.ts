/** What a heartbeat in the trail says of the input since the one before. */
import { decodeBase64url } from "../../protocol/base64url.js";
import { INPUT_KINDS, type InputKind, MAX_COUNT } from "../../protocol/heartbeat.js";
import { memberOf } from "../platform/members.js";

export interface BeatInput {
  /** Of all kinds together; media is no input. */
  readonly inputs: number;
  /** The kinds that there were. */
  readonly kinds: readonly InputKind[];
  /** Whether there were more than a heartbeat counts. */
  readonly isFull: boolean;
}

/** The inputs of a sample with a heartbeat that had more than it counts. */
export const FULL = -1;

const DECODER = new TextDecoder();
const COUNTED = INPUT_KINDS.filter((kind) => kind !== "media");

/** Null for what is no heartbeat: the trail was checked when it was written, so nothing more is asked of it here. */
export function inputOf(heartbeat: string | undefined): BeatInput | null {
  const [, payload = ""] = heartbeat?.split(".") ?? [];
  const bytes = decodeBase64url(payload);
  if (bytes === null) return null;
  const counts = memberOf(parsed(bytes), "counts");
  const countOf = (kind: InputKind) => Number(memberOf(counts, kind) ?? 0);
  const kinds = COUNTED.filter((kind) => countOf(kind) > 0);
  return {
    inputs: kinds.reduce((sum, kind) => sum + countOf(kind), 0),
    kinds,
    isFull: kinds.some((kind) => countOf(kind) >= MAX_COUNT),
  };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(DECODER.decode(bytes));
  } catch {
    return null;
  }
}
