/** `curfew/react`: the session as this framework sees it, and Curfew's elements in its JSX. */
export type { CurfewElements } from "./elements.js";
export { useSession } from "./use-session.js";
