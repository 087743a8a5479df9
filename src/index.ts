/** `curfew`: the browser client's face. */

export { CurfewError } from "./browser/platform/error.js";
export type {
  BeforeEndEvent,
  SessionClient,
  SessionClientEvents,
  SessionClientOptions,
  SessionLogEntry,
} from "./browser/platform/session-client.types.js";
export { createSessionClient } from "./browser/session-client.js";
export type { Problem } from "./protocol/problem.js";
export type { DeadlineCause } from "./session/deadlines.js";
export type { EndReason } from "./session/end.js";
export type { KeyStoreKind, SessionState } from "./session/machine.js";
