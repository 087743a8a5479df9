/** Tells when another session takes the place of the one that a page has shown: its person has signed in again elsewhere. */
import type { SessionState } from "./machine.js";

interface ObservedSession {
  readonly state: SessionState;
  subscribe(listener: () => void): () => void;
}

/**
 * A page of another person is loaded anew, so the new session is the same person's.
 *
 * @param listener Told of the new session's sid once for each, after the page has come into sight again.
 * @returns its own end
 */
export function onNewSession(session: ObservedSession, listener: (sid: string) => void): () => void {
  let before: string | null = null;
  const look = () => {
    const { state } = session;
    if (!("sid" in state)) return;
    const isNew = before !== null && before !== state.sid;
    before = state.sid;
    if (isNew) listener(state.sid);
  };
  look();
  return session.subscribe(look);
}
