/** Who listens to the chat, by socket or by stream. */

export interface Room {
  /** Calls `hear` with each message from now on. @returns how to leave */
  join(hear: (text: string) => void): () => void;
  say(subject: string, text: string): void;
}

export function createRoom(): Room {
  const listeners = new Set<(text: string) => void>();
  return {
    join(hear) {
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
    say(subject, text) {
      for (const hear of listeners) hear(`${subject}: ${text}`);
    },
  };
}
