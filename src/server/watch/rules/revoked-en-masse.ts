/** `revoked-en-masse`: somebody, or something, ends many sessions. */
import { enMasseRule } from "../en-masse.js";

export const revokedEnMasse = enMasseRule("revoked-en-masse", "session_revoked", "error");
