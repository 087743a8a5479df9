/** What a listed frame of another origin posts to the page around it: that there was input, of which kind, how long ago. */
import { INPUT_KINDS, type InputKind } from "./heartbeat.js";

export const FRAME_MESSAGE = "curfew:input";

export interface FrameMessage {
  readonly type: typeof FRAME_MESSAGE;
  readonly kind: InputKind;
  /** Milliseconds from the input to the message. */
  readonly age: number;
}

/** Older news is of no use, and may be a lie. */
const MAX_AGE = 10_000;

/** Anything else than a frame's message gives null. */
export function readFrameMessage(value: unknown): FrameMessage | null {
  const { type, kind, age } = Object(value) as Partial<FrameMessage>;
  return type === FRAME_MESSAGE &&
    kind !== undefined &&
    INPUT_KINDS.includes(kind) &&
    typeof age === "number" &&
    age >= 0 &&
    age <= MAX_AGE
    ? { type, kind, age }
    : null;
}
