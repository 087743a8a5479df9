/** `curfew/vue`: the session as this framework sees it, and Curfew's elements in its templates and JSX. */
export type {} from "./elements.js";
export { useSession } from "./use-session.js";
