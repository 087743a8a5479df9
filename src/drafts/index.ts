/** `curfew/drafts`: keeps typed work over a sign-in. */
export { type DraftOptions, keepDrafts } from "./keep-drafts.js";
