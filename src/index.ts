/** `curfew`: the browser client's face. */

export { CurfewError } from "./browser/curfew-error.ts";
export { createSessionClient } from "./browser/session-client.js";
export type {
  BeforeEndEvent,
  SessionClient,
  SessionClientEvents,
  SessionClientOptions,
} from "./browser/session-client.types.js.ts";
export type { Problem } from "./protocol/problem.ts";
export type { DeadlineCause } from "./session/deadlines.ts";
export type { EndReason } from "./session/end.ts";
export type { KeyStoreKind, SessionState } from "./session/machine.ts";
