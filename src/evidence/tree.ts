/**
 * The Merkle tree over the trail's lines (RFC 6962, section 2.1): a leaf's hash is SHA-256(0x00 ‖ line), a node's
 * SHA-256(0x01 ‖ left ‖ right). A record's line is hashed as it was written, without the newline.
 */
import { areEqual } from "./bytes.js";
import type { Sha256 } from "./tools.js";

export const HASH_LENGTH = 32;
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
const NOTHING = new Uint8Array(0);

export function leafHash(sha256: Sha256, line: Uint8Array): Uint8Array {
  return sha256(LEAF, line);
}

/** The hash above two others. */
export function nodeHash(sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(NODE, left, right);
}

/** A tree that grows, of which no more than a hash a level is kept. */
export interface GrowingTree {
  readonly size: number;
  /** @param leaf the hash of the next leaf */
  append(leaf: Uint8Array): void;
  root(): Uint8Array;
  /** The hashes of the whole subtrees, the largest first: with the size all that it takes to go on. */
  frontier(): readonly Uint8Array[];
}

interface Subtree {
  readonly size: number;
  readonly hash: Uint8Array;
}

/**
 * @param size how many leaves the tree has already @param frontier the hashes that `frontier()` gave at that size
 * @throws RangeError where the hashes are not as many as a tree of that size has
 */
export function growingTree(sha256: Sha256, size = 0, frontier: readonly Uint8Array[] = []): GrowingTree {
  const subtrees: Subtree[] = wholeSubtrees(size).map((of, at) => {
    const hash = frontier[at];
    if (hash?.length !== HASH_LENGTH)
      throw new RangeError(`a tree of ${size} leaves has more hashes than were given`);
    return { size: of, hash };
  });
  if (subtrees.length !== frontier.length)
    throw new RangeError(
      `a tree of ${size} leaves has ${subtrees.length} hashes, and ${frontier.length} were given`,
    );
  let count = size;
  return {
    get size() {
      return count;
    },
    append(leaf) {
      count++;
      let last: Subtree = { size: 1, hash: leaf };
      for (let before = subtrees.at(-1); before?.size === last.size; before = subtrees.at(-1)) {
        subtrees.pop();
        last = { size: 2 * last.size, hash: nodeHash(sha256, before.hash, last.hash) };
      }
      subtrees.push(last);
    },
    root: () =>
      rootOf(
        sha256,
        subtrees.map(({ hash }) => hash),
      ),
    frontier: () => subtrees.map(({ hash }) => hash),
  };
}

/** The sizes of the whole subtrees that a tree consists of, the largest first: the bits of its size. */
export function wholeSubtrees(size: number): readonly number[] {
  const sizes: number[] = [];
  for (let rest = size; rest > 0; ) {
    const largest = 2 ** Math.floor(Math.log2(rest));
    sizes.push(largest);
    rest -= largest;
  }
  return sizes;
}

function rootOf(sha256: Sha256, frontier: readonly Uint8Array[]): Uint8Array {
  return frontier.length === 0
    ? sha256(NOTHING)
    : frontier.reduceRight((right, left) => nodeHash(sha256, left, right));
}

/** Proves things about a finished tree, whose leaves' hashes are at hand. */
export interface TreeProver {
  /** The hash of the tree that the first `size` leaves make. */
  root(size: number): Uint8Array;
  /** RFC 6962, section 2.1.1: that the leaf at `index` is in the tree of the first `size` leaves. */
  inclusion(index: number, size: number): readonly Uint8Array[];
}

/** Subtrees of so many leaves and more are hashed once and kept. */
const KEPT = 256;

/** @param leafAt the hash of the leaf at an index */
export function treeProver(sha256: Sha256, leafAt: (index: number) => Uint8Array): TreeProver {
  const kept = new Map<string, Uint8Array>();
  /** The tree over the leaves from `start` up to `end`, without it. */
  const hashOf = (start: number, end: number): Uint8Array => {
    const size = end - start;
    if (size === 0) return sha256(NOTHING);
    if (size === 1) return leafAt(start);
    const key = size >= KEPT ? `${start} ${end}` : null;
    const known = key === null ? undefined : kept.get(key);
    if (known !== undefined) return known;
    const middle = start + splitOf(size);
    const hash = nodeHash(sha256, hashOf(start, middle), hashOf(middle, end));
    if (key !== null) kept.set(key, hash);
    return hash;
  };
  const path = (index: number, start: number, end: number): readonly Uint8Array[] => {
    if (end - start <= 1) return [];
    const middle = start + splitOf(end - start);
    return index < middle
      ? [...path(index, start, middle), hashOf(middle, end)]
      : [...path(index, middle, end), hashOf(start, middle)];
  };
  return {
    root: (size) => hashOf(0, size),
    inclusion: (index, size) => path(index, 0, size),
  };
}

/** How many leaves stand left of the root: the largest power of two below the size. */
export function splitOf(size: number): number {
  return 2 ** (Math.ceil(Math.log2(size)) - 1);
}

/** Whether the proof shows that `leaf` is at `index` of the tree with `size` leaves and `root` (RFC 9162, section 2.1.3.2). */
export function provesInclusion(sha256: Sha256, { leaf, index, size, root, proof }: InclusionClaim): boolean {
  if (index < 0 || index >= size) return false;
  let at = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sha256, sibling, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else hash = nodeHash(sha256, hash, sibling);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && areEqual(hash, root);
}

interface InclusionClaim {
  /** The leaf's hash. */
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Rounded down. */
export function half(count: number): number {
  return Math.floor(count / 2);
}
