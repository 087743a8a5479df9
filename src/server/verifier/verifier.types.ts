/** What the verifiers of all frameworks share. */
import type { Problem } from "../../protocol/problem.js";
import type { Session } from "../lifecycle/view.js";

/** What has become of a request's session. */
export type SessionCheck =
  | {
      readonly status: "active";
      readonly session: Session;
      /**
       * Aborts when the session ends, wherever it was ended: close sockets (code 4401) and streams by it. Its `reason` is
       * a `SessionEndedError`.
       */
      readonly signal: AbortSignal;
    }
  | {
      readonly status: "ended" | "none" | "stale" | "forbidden" | "unavailable" | "refused";
      readonly problem: Problem;
    };

export interface WebSignIn {
  readonly session: Session;
  /** Must be added to the response. */
  readonly headers: Headers;
}
