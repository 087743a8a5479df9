/** The script for drafts: `<script src=".../curfew-drafts.js" defer>` after the script include keeps the marked forms, and renews CSRF tokens. */
import type { SessionClient } from "./browser/platform/session-client.types.js";
import { currentScript } from "./dom/current-script.js";
import { keepDrafts } from "./drafts/keep-drafts.js";
import { renewCsrf } from "./drafts/renew-csrf.js";

/** An element of that id is none. */
const { Curfew } = globalThis as { readonly Curfew?: { readonly session?: Partial<SessionClient> } };

if (typeof Curfew?.session?.subscribe !== "function")
  console.error("curfew-drafts.js needs curfew.js on the page before it.");
else start(Curfew.session as SessionClient, currentScript()?.getAttribute("data-csrf-from"));

/** `data-csrf-from`: another page of the app that carries fresh CSRF tokens. */
function start(session: SessionClient, from: string | null | undefined): void {
  keepDrafts(session);
  renewCsrf(session, from ? { from } : {});
}
