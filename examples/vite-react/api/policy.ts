/** The limits of a session: those of the environment, or the ones that a delivery service should have. */
import type { SessionVerifierOptions } from "curfew/server";
import ms from "ms";

/** WCAG 2.2.1: below this a person cannot answer in time, so such limits are only for trying the app out. */
const SHORTEST_WARNING = 25_000;

export function policyFrom(env: NodeJS.ProcessEnv): SessionVerifierOptions["policy"] {
  const {
    CURFEW_IDLE: idle = "15m",
    CURFEW_ABSOLUTE: absolute = "12h",
    CURFEW_WARNING: warning = "2m",
  } = env;
  const unsafeForTesting = ms(warning as ms.StringValue) < SHORTEST_WARNING;
  return { idle, absolute, warning, unsafeForTesting };
}
