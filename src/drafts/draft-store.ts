/** Where drafts are kept: in this tab's own storage, which ends with the tab. */
import type { Draft } from "./fields.js";

interface KeptDraft {
  /** The session that it was written in. */
  readonly sid: string;
  /** When, by the browser's clock, in milliseconds since the epoch. */
  readonly keptAt: number;
  /** The form was sent: what was sent and taken is no draft any more. */
  readonly isSent: boolean;
  readonly draft: Draft;
}

interface DraftStore {
  /** By the place of their form. Too old ones, and what nobody can read, are gone. */
  all(): ReadonlyMap<string, KeptDraft>;
  keep(place: string, draft: KeptDraft): void;
  drop(place: string): void;
}

const PREFIX = "curfew-draft:";

/** @param storage Asked for each time: it may be refused, and then nothing is kept. */
export function createDraftStore(
  storage: () => Storage,
  { now, maxAge }: { readonly now: () => number; readonly maxAge: number },
): DraftStore {
  const quietly = <Result>(act: (kept: Storage) => Result, otherwise: Result): Result => {
    try {
      return act(storage());
    } catch {
      return otherwise;
    }
  };
  function read(kept: Storage, key: string): KeptDraft | null {
    const value: unknown = parsed(kept.getItem(key) ?? "");
    if (isKept(value) && now() - value.keptAt <= maxAge && value.keptAt <= now()) return value;
    kept.removeItem(key);
    return null;
  }
  return {
    all: () =>
      quietly((kept) => {
        const keys = [...Array(kept.length).keys()].map((i) => kept.key(i) ?? "");
        const drafts = keys.flatMap((key) => {
          const draft = key.startsWith(PREFIX) ? read(kept, key) : null;
          return draft === null ? [] : [[key.slice(PREFIX.length), draft] as const];
        });
        return new Map(drafts);
      }, new Map<string, KeptDraft>()),
    keep: (place, draft) => quietly((kept) => kept.setItem(PREFIX + place, JSON.stringify(draft)), undefined),
    drop: (place) => quietly((kept) => kept.removeItem(PREFIX + place), undefined),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isKept(value: unknown): value is KeptDraft {
  if (typeof value !== "object" || value === null) return false;
  const { sid, keptAt, isSent, draft } = value as Record<string, unknown>;
  return (
    typeof sid === "string" &&
    typeof keptAt === "number" &&
    typeof isSent === "boolean" &&
    typeof draft === "object" &&
    draft !== null
  );
}
