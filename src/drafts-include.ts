/** The script for drafts: `<script src=".../curfew-drafts.js" defer>` after the script include keeps the marked forms. */
import type { SessionClient } from "./browser/platform/session-client.types.js";
import { keepDrafts } from "./drafts/keep-drafts.js";

/** An element of that id is none. */
const { Curfew } = globalThis as { readonly Curfew?: { readonly session?: Partial<SessionClient> } };

if (typeof Curfew?.session?.subscribe !== "function")
  console.error("curfew-drafts.js needs curfew.js on the page before it.");
else keepDrafts(Curfew.session as SessionClient);
