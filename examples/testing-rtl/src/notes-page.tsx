/** A page of notes: what it shows in each state of its session. The session comes in from outside, so a test can bring one. */
import { useQuery } from "@tanstack/react-query";
import type { SessionClient } from "curfew";
import { useSession } from "curfew/react";
import { useState } from "react";

interface NotesPageProps {
  readonly session: SessionClient;
  readonly loadNotes: () => Promise<readonly string[]>;
}

export function NotesPage({ session, loadNotes }: NotesPageProps) {
  const state = useSession(session);
  if (state.status === "connecting") return <p>One moment…</p>;
  if (state.status === "absent")
    return <SignInLink href={session.signInUrl} words="You are not signed in." />;
  if (state.status === "ended") {
    const words = state.reason === "idle" ? "You were away for a while." : "Your session is over.";
    return <SignInLink href={session.signInUrl} words={words} />;
  }
  return (
    <>
      {!state.reachable && <p role="status">We cannot reach the server. Your session goes on.</p>}
      {state.status === "warning" && <Warning session={session} canExtend={state.canExtend} />}
      <Notes load={loadNotes} isLive={state.status === "active"} />
    </>
  );
}

function SignInLink({ href, words }: { readonly href: string | null; readonly words: string }) {
  return (
    <p role="alert">
      {words} <a href={href ?? "/login"}>Sign in</a>
    </p>
  );
}

/** An app that brings its own warning in place of `attachWarning(session)`. */
function Warning({ session, canExtend }: { readonly session: SessionClient; readonly canExtend: boolean }) {
  const [mistake, setMistake] = useState("");
  const stay = () => session.extend().catch(() => setMistake("That did not work. Please try again."));
  // Never more than is left, until the last minute.
  const minutes = Math.max(1, Math.floor((session.remaining() ?? 0) / 60_000));
  return (
    <section role="alertdialog" aria-label="You will be signed out soon">
      <p>{minutes} min left.</p>
      {canExtend && (
        <button type="button" onClick={() => void stay()}>
          Stay signed in
        </button>
      )}
      <p role="status">{mistake}</p>
    </section>
  );
}

/** Asks only while the session is active: what is shown stays, and nothing is asked in vain. */
function Notes({
  load,
  isLive,
}: {
  readonly load: () => Promise<readonly string[]>;
  readonly isLive: boolean;
}) {
  const { data = [] } = useQuery({ queryKey: ["notes"], queryFn: load, enabled: isLive });
  return (
    <ul>
      {data.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}
