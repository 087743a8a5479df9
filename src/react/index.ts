/** `curfew/react`: the session as this framework sees it. */
export { useSession } from "./use-session.js";
