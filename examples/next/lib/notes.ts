/** Notes in memory. */
const kept: { notes?: Map<string, readonly string[]> } = Object.assign(globalThis);
kept.notes ??= new Map();
const { notes } = kept;

export function readNotes(subject: string): readonly string[] {
  return notes.get(subject) ?? [];
}

export function keepNote(subject: string, note: string): void {
  notes.set(subject, [...readNotes(subject), note]);
}
