export { curfewHandle as handle } from "$lib/server/curfew-handle";
