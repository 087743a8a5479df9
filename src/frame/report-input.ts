/** A frame of another origin tells the page around it of real input: its kind and its age, and nothing else. */
import { createInputJudge, KIND_OF_EVENT } from "../browser/input/person.js";
import { isOrigin } from "../dom/origin.js";
import { FRAME_MESSAGE, type FrameMessage } from "../protocol/frame-message.js";
import type { InputKind } from "../protocol/heartbeat.js";

export interface ReportInputOptions {
  /** The origin of the page that shows this one, such as `https://app.example`; no other page is told. */
  readonly parent: string;
}

/** The parent is told at once, and then at most this often. */
const REPORT_INTERVAL = 1000;

/**
 * Tells the page around this one when a person types, clicks or moves here. That page lists this origin in the option
 * `frames` of its client. Does nothing in a page that no other shows. Returns its own end.
 *
 * @example
 * reportInput({ parent: "https://app.example" });
 * @throws TypeError where `parent` is no origin
 */
export function reportInput({ parent: to }: ReportInputOptions): () => void {
  if (!isOrigin(to)) throw new TypeError(`parent "${to}" is no origin such as https://app.example`);
  if (parent === window) return () => {};
  const ending = new AbortController();
  const now = () => performance.now();
  const judge = createInputJudge(window, now);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastAt = 0;
  let lastKind: InputKind | undefined;

  function onEvent(event: Event): void {
    const { timeStamp } = event;
    const kind = judge.kindOf(event, timeStamp);
    if (!kind) return;
    lastAt = timeStamp;
    lastKind = kind;
    if (!timer) report();
  }

  function report(): void {
    timer = undefined;
    if (!lastKind) return;
    const message: FrameMessage = { type: FRAME_MESSAGE, kind: lastKind, age: now() - lastAt };
    parent.postMessage(message, to);
    lastKind = undefined;
    timer = setTimeout(report, REPORT_INTERVAL);
  }

  // Media that plays here is nothing to the page around this one.
  for (const type of Object.keys(KIND_OF_EVENT))
    addEventListener(type, onEvent, { capture: true, passive: true, signal: ending.signal });
  return () => {
    ending.abort();
    clearTimeout(timer);
  };
}
