/** Notes in memory. */
const kept = globalThis as typeof globalThis & { notes?: Map<string, readonly string[]> };
kept.notes ??= new Map();
const { notes } = kept;

export function readNotes(subject: string): readonly string[] {
  return notes.get(subject) ?? [];
}

export function keepNote(subject: string, note: string): void {
  notes.set(subject, [...readNotes(subject), note]);
}
