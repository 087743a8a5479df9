/** The notes themselves, in memory: everybody has a list of their own. */

export interface Note {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

const FIRST_NOTES: readonly Note[] = [
  {
    id: "1",
    title: "Ana Ribeiro, room 4",
    text: "Slept well. Blood pressure 128/82 at seven. Would like to speak to the physiotherapist before Friday.",
  },
  {
    id: "2",
    title: "Jonas Weber, room 7",
    text: "Second dressing changed at ten. Allergic to penicillin (confirmed by his sister).",
  },
  {
    id: "3",
    title: "For the night shift",
    text: "The lift to the third floor is out of order until Monday.",
  },
];

const MAX_TEXT = 5_000;
const MAX_PEOPLE = 1_000;

export interface Notes {
  readonly of: (subject: string) => readonly Note[];
  readonly edit: (subject: string, id: string, text: string) => "saved" | "unknown" | "too-long";
}

export function createNotes(): Notes {
  const notes = new Map<string, readonly Note[]>();
  const of = (subject: string) => notes.get(subject) ?? FIRST_NOTES;

  function edit(subject: string, id: string, text: string) {
    const mine = of(subject);
    if (!mine.some((note) => note.id === id)) return "unknown";
    if (text.length > MAX_TEXT) return "too-long";
    const [oldest] = notes.keys();
    if (notes.size >= MAX_PEOPLE && oldest !== undefined) notes.delete(oldest);
    notes.set(
      subject,
      mine.map((note) => (note.id === id ? { ...note, text } : note)),
    );
    return "saved";
  }

  return { of, edit };
}
