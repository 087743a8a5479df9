/** Gives the notice's element its name. A call and not an import's effect, so that bundlers can't drop it and servers don't meet it. */
import type { SessionClient } from "../browser/platform/session-client.types.js";
import { CurfewNotice, type NoticeOptions } from "./curfew-notice.js";

/**
 * Defines `<curfew-notice>`. With a session, every notice of the page tells of that session's own limits as soon as the
 * server has said them. Does nothing where there is no document.
 *
 * @example
 * defineNotice(session); // <curfew-notice idle="20m" work="saved"></curfew-notice>
 */
export function defineNotice(session?: SessionClient, options: NoticeOptions = {}): void {
  if (typeof document === "undefined") return;
  if (!customElements.get("curfew-notice")) customElements.define("curfew-notice", CurfewNotice);
  CurfewNotice.follow(session, options);
}
