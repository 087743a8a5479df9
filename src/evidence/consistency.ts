/** That a log has only grown: the tree of now begins with the tree of before (RFC 6962, section 2.1.2; RFC 9162, section 2.1.4). */
import { areEqual } from "./bytes.js";
import type { Sha256 } from "./tools.js";
import { growingTree, half, nodeHash, splitOf, wholeSubtrees } from "./tree.js";

/** The leaves from `start` up to `end`, without it, and the hash of the tree over them. */
interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** The subtrees whose hashes are the proof, in its order. Those beyond the old tree lie side by side up to the end. */
function stretchesOf(old: number, size: number): readonly Stretch[] {
  const bridge = (start: number, end: number, isOld: boolean): readonly Stretch[] => {
    // The reader has the old tree's own hash.
    if (old === end) return isOld ? [] : [{ start, end }];
    const middle = start + splitOf(end - start);
    return old <= middle
      ? [...bridge(start, middle, isOld), { start: middle, end }]
      : [...bridge(middle, end, false), { start, end: middle }];
  };
  return old === 0 ? [] : bridge(0, size, true);
}

interface OldTree {
  readonly size: number;
  /** As the growing tree gave it at that size. */
  readonly frontier: readonly Uint8Array[];
}

/**
 * The proof that a tree of `size` leaves begins with an old one. Of the old tree no leaf is needed.
 * @param leaves the hashes of the leaves from `old.size` on, at least up to `size`
 * @throws RangeError where there are fewer
 */
export async function proveConsistency(
  sha256: Sha256,
  old: OldTree,
  size: number,
  leaves: AsyncIterable<Uint8Array>,
): Promise<readonly Uint8Array[]> {
  const stretches = stretchesOf(old.size, size);
  const hashes = new Map<number, Uint8Array>();
  let start = 0;
  for (const [at, length] of wholeSubtrees(old.size).entries()) {
    hashes.set(start, old.frontier[at] ?? new Uint8Array());
    start += length;
  }
  const waiting = stretches.filter((stretch) => stretch.start >= old.size).sort((a, b) => a.start - b.start);
  if (waiting.length > 0) {
    let tree = growingTree(sha256);
    for await (const leaf of leaves) {
      const [next] = waiting;
      if (next === undefined) break;
      tree.append(leaf);
      if (tree.size < next.end - next.start) continue;
      hashes.set(next.start, tree.root());
      tree = growingTree(sha256);
      waiting.shift();
    }
  }
  return stretches.map((stretch) => {
    const hash = hashes.get(stretch.start);
    if (hash === undefined) throw new RangeError(`a tree of ${size} leaves has more hashes than were given`);
    return hash;
  });
}

interface ConsistencyClaim {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Whether the proof shows that the tree of `size` leaves begins with that of `oldSize` (RFC 9162, section 2.1.4.2). */
export function provesConsistency(sha256: Sha256, claim: ConsistencyClaim): boolean {
  const { oldSize, oldRoot, size, root, proof } = claim;
  if (oldSize > size) return false;
  // Every tree begins with the empty one.
  if (oldSize === 0) return proof.length === 0;
  if (oldSize === size) return proof.length === 0 && areEqual(oldRoot, root);
  const [first, ...rest] = wholeSubtrees(oldSize).length === 1 ? [oldRoot, ...proof] : proof;
  if (first === undefined) return false;
  let [at, last] = [oldSize - 1, size - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  let [oldHash, hash] = [first, first];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      oldHash = nodeHash(sha256, sibling, oldHash);
      hash = nodeHash(sha256, sibling, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else hash = nodeHash(sha256, hash, sibling);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && areEqual(oldHash, oldRoot) && areEqual(hash, root);
}
