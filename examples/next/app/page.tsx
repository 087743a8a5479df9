/** The notes of who is signed in. */
import { redirect } from "next/navigation";
import { currentSession } from "../lib/current-session";
import { readNotes } from "../lib/notes";
import { addNote } from "./actions";

export default async function NotesPage() {
  const session = await currentSession("/");
  if (session === null) redirect("/login");
  return (
    <main>
      <h1>Notes of {session.subject}</h1>
      <ul>
        {readNotes(session.subject).map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      <form action={addNote}>
        <label>
          Note <input name="note" />
        </label>
        <button type="submit">Keep</button>
      </form>
      <script src="/curfew/curfew.js" defer />
    </main>
  );
}
