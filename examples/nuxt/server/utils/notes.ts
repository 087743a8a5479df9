/** Notes in memory. */
const notes = new Map<string, readonly string[]>();

export function readNotes(subject: string): readonly string[] {
  return notes.get(subject) ?? [];
}

export function keepNote(subject: string, note: string): void {
  notes.set(subject, [...readNotes(subject), note]);
}
