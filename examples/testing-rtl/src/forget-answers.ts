/** What TanStack Query has kept is for one person: it goes when they sign out. */
import type { QueryClient } from "@tanstack/react-query";
import type { SessionClient } from "curfew";

/** Returns its own end. For another subject the client loads the page anew, which empties the cache by itself. */
export function forgetAnswers(session: SessionClient, queries: QueryClient): () => void {
  return session.subscribe(() => {
    const { state } = session;
    const isGone = state.status === "absent" || (state.status === "ended" && state.reason === "signed-out");
    if (isGone) queries.clear();
  });
}
