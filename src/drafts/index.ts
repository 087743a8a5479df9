/** `curfew/drafts`: keeps typed work over a sign-in, and the forms that it stands in fit to be sent. */
export { type DraftOptions, keepDrafts } from "./keep-drafts.js";
export { type CsrfOptions, renewCsrf } from "./renew-csrf.js";
