/** The script for drafts: `<script src=".../curfew-drafts.js" defer>` after the script include keeps the marked forms. */
import type { SessionClient } from "./browser/platform/session-client.types.js";
import { keepDrafts } from "./drafts/keep-drafts.js";

const { Curfew } = globalThis as { readonly Curfew?: { readonly session: SessionClient } };

if (Curfew === undefined) console.error("curfew-drafts.js needs curfew.js on the page before it.");
else keepDrafts(Curfew.session);
