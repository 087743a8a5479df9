/** Which known key somebody meant who wrote an unknown one: a slip of the pen, or another product's name for it. */
import { closestMatch } from "leven";

/** A part of a word that is shorter says nothing. */
const LEAST_PART = 3;

/** The known key that is most like `unknown`, or null where none is. */
export function likelyKey(unknown: string, known: readonly string[]): string | null {
  const bare = new Map(known.map((key) => [bareOf(key), key]));
  const asked = bareOf(unknown);
  const names = [...bare.keys()];
  const similar = closestMatch(asked, names, { maxDistance: Math.ceil(asked.length / 3) });
  return bare.get(similar ?? partOf(asked, names) ?? "") ?? null;
}

/** Without what people write in different ways: `Idle_Timeout`, `idle-timeout`, `idleTimeout`. */
function bareOf(key: string): string {
  return key.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** The longest name that is a part of what was asked for, or that it is a part of: `idleTimeout` for `idle`. */
function partOf(asked: string, names: readonly string[]): string | undefined {
  const parts = names.filter((name) => {
    const [shorter, longer] = name.length < asked.length ? [name, asked] : [asked, name];
    return shorter.length >= LEAST_PART && longer.includes(shorter);
  });
  return parts.sort((a, b) => b.length - a.length)[0];
}
