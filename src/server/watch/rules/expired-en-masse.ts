/** `expired-en-masse`: many sessions run out at once, as where heartbeats no longer arrive. */
import { enMasseRule } from "../en-masse.js";

export const expiredEnMasse = enMasseRule("expired-en-masse", "session_expired", "warning");
