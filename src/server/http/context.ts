/** What the handler and the guard work with, made once when the verifier opens (`verifier/compose.ts`). */
import type { ServerContext } from "../lifecycle/context.js";
import type { SessionCookies } from "./cookies.js";
import type { EventStreams } from "./event-streams.js";
import type { KeptPages } from "./kept-pages.js";
import type { RateLimits } from "./limits.js";
import type { OriginRules } from "./origins.js";
import type { OtherStoreNotes } from "./other-store.js";
import type { PresentedSessions } from "./presented-session.js";
import type { ScriptInclude } from "./script-include.js";

export interface HttpContext {
  readonly context: ServerContext;
  readonly cookies: SessionCookies;
  readonly origins: OriginRules;
  readonly presented: PresentedSessions;
  readonly keptPages: KeptPages;
  readonly scripts: ScriptInclude;
  readonly limits: RateLimits;
  readonly events: EventStreams;
  readonly onUnknownSession: OtherStoreNotes;
  /** Called when a body parser has been at a post before this handler. */
  readonly onParsedBody: () => void;
}
