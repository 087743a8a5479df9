/** Consistency proofs against values of the Certificate Transparency project, and against the RFC's own definition. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { proveConsistency, provesConsistency } from "../../src/evidence/consistency.js";
import { growingTree, leafHash } from "../../src/evidence/tree.js";
import { nodeTools } from "../../src/server/platform/log-tools.js";
import { definedProof, LINES } from "./adding.js";

const { sha256 } = nodeTools;

const of = (...parts: readonly Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();

/** RFC 6962, section 2.1, word for word. */
function definedRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return of();
  if (leaves.length === 1) return only;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return of(Uint8Array.of(1), definedRoot(leaves.slice(0, split)), definedRoot(leaves.slice(split)));
}

const leavesOf = (lines: readonly Uint8Array[]) => lines.map((line) => leafHash(sha256, line));

async function proofOf(leaves: readonly Uint8Array[], old: number): Promise<readonly Uint8Array[]> {
  const tree = growingTree(sha256);
  for (const leaf of leaves.slice(0, old)) tree.append(leaf);
  const rest = (async function* () {
    yield* leaves.slice(old);
  })();
  return await proveConsistency(sha256, { size: old, frontier: tree.frontier() }, leaves.length, rest);
}

const hexOf = (hashes: readonly Uint8Array[]) => hashes.map((hash) => Buffer.from(hash).toString("hex"));

test.each([
  [1, 1, []],
  [
    1,
    8,
    [
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
  ],
  [
    6,
    8,
    [
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  ],
  [
    2,
    5,
    [
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
  ],
])("the proof from %i to %i leaves is the published one", async (old, size, proof) => {
  expect(hexOf(await proofOf(leavesOf(LINES.slice(0, size)), old))).toEqual(proof);
});

/** Each hash with one bit turned, each left out, one more. */
function changed(proof: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
  const turned = proof.map((hash, at) => proof.with(at, hash.with(0, (hash[0] ?? 0) ^ 1)));
  const shorter = proof.map((_hash, at) => proof.toSpliced(at, 1));
  return [...turned, ...shorter, [...proof, new Uint8Array(32)]];
}

test("each tree is proven to begin with each older one, and no changed proof proves it", async () => {
  const line = fc.uint8Array({ maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 40 }), fc.nat(), async (lines, nat) => {
      const leaves = leavesOf(lines);
      const [size, oldSize] = [leaves.length, nat % (leaves.length + 1)];
      const [root, oldRoot] = [definedRoot(leaves), definedRoot(leaves.slice(0, oldSize))];
      const proof = await proofOf(leaves, oldSize);
      if (oldSize > 0) expect(hexOf(proof)).toEqual(hexOf(definedProof(oldSize, leaves)));
      const claim = { oldSize, oldRoot, size, root, proof };
      expect(provesConsistency(sha256, claim)).toBe(true);
      for (const wrong of changed(proof))
        expect(provesConsistency(sha256, { ...claim, proof: wrong })).toBe(false);
      if (oldSize === 0) return;
      expect(provesConsistency(sha256, { ...claim, oldRoot: oldRoot.with(1, (oldRoot[1] ?? 0) ^ 1) })).toBe(
        false,
      );
      expect(provesConsistency(sha256, { ...claim, root: root.with(1, (root[1] ?? 0) ^ 1) })).toBe(false);
      expect(provesConsistency(sha256, { ...claim, oldSize: size + 1 })).toBe(false);
    }),
    { numRuns: 200 },
  );
});

test("a proof is refused where leaves are missing", async () => {
  const leaves = leavesOf(LINES);
  const none = (async function* () {})();
  await expect(proveConsistency(sha256, { size: 1, frontier: leaves.slice(0, 1) }, 8, none)).rejects.toThrow(
    RangeError,
  );
});
