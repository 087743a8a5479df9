/** What the sender of heartbeats is doing: one thing at a time. */

export interface Sending {
  readonly type: "sending";
}

export type SenderState =
  | { readonly type: "idle" }
  /** For the interval's end, or for the next attempt. */
  | { readonly type: "waiting"; readonly cancel: () => void }
  | Sending
  /** The page is away, or its session in doubt. What was on its way then may still be. */
  | { readonly type: "paused"; readonly unfinished: Sending | null }
  /** The policy refuses this browser: the next heartbeat would be refused as well. */
  | { readonly type: "barred" };

export const IDLE: SenderState = { type: "idle" };
export const BARRED: SenderState = { type: "barred" };
