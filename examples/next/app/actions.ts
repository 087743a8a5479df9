/** The server action: it asks who is there each time, for an action can be called by anybody. */
"use server";
import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { currentSession } from "../lib/current-session";
import { keepNote } from "../lib/notes";

export async function addNote(form: FormData): Promise<void> {
  const session = await currentSession(null);
  if (session === null) redirect("/login");
  const note = form.get("note");
  if (typeof note === "string" && note !== "") keepNote(session.subject, note);
  revalidatePath("/");
}
