/** The server's context as one call has it: what comes of it says in the audit trail who acted, why and from where. */
import type { Attribution } from "../audit/attribution.js";
import type { ServerContext } from "./context.js";

export function actingFor(context: ServerContext, by: Attribution): ServerContext {
  return { ...context, by, audit: context.audit.by(by) };
}
