/** The tree of RFC 6962 against values of the Certificate Transparency project, and against the RFC's own definition. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { growingTree, leafHash, provesInclusion, treeProver } from "../../src/evidence/tree.js";
import { webTools } from "../../src/evidence/web-tools.js";
import { nodeTools } from "../../src/server/platform/log-tools.js";
import { LINES } from "./adding.js";

const { sha256 } = nodeTools;
const ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/** RFC 6962, section 2.1, word for word. */
function definedRoot(lines: readonly Uint8Array[]): Buffer {
  const of = (...parts: readonly Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
  if (lines.length === 0) return of();
  const [only] = lines;
  if (lines.length === 1 && only !== undefined) return of(Uint8Array.of(0), only);
  let split = 1;
  while (split * 2 < lines.length) split *= 2;
  return of(Uint8Array.of(1), definedRoot(lines.slice(0, split)), definedRoot(lines.slice(split)));
}

function treeOf(lines: readonly Uint8Array[]) {
  const tree = growingTree(sha256);
  for (const line of lines) tree.append(leafHash(sha256, line));
  return tree;
}

test("the roots of up to eight leaves are the published ones", () => {
  for (const [size, root] of ROOTS.entries())
    expect(Buffer.from(treeOf(LINES.slice(0, size)).root()).toString("hex")).toBe(root);
});

test("both hashes are the same hash", () => {
  for (const line of LINES)
    expect(Buffer.from(webTools.sha256(line, line)).equals(sha256(line, line))).toBe(true);
});

const line = fc.uint8Array({ maxLength: 12 });

test("a growing tree has the root that the definition gives, also where it goes on from its frontier", () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 70 }), fc.nat(70), (lines, cut) => {
      const at = Math.min(cut, lines.length);
      const before = treeOf(lines.slice(0, at));
      const tree = growingTree(sha256, at, before.frontier());
      for (const next of lines.slice(at)) tree.append(leafHash(sha256, next));
      expect(tree.size).toBe(lines.length);
      expect(Buffer.from(tree.root()).equals(definedRoot(lines))).toBe(true);
    }),
  );
});

test.each([
  [3, 1],
  [3, 3],
  [0, 1],
])("a frontier of a tree of %i leaves with %i hashes is refused", (size, hashes) => {
  const frontier = Array.from({ length: hashes }, () => new Uint8Array(32));
  expect(() => growingTree(sha256, size, frontier)).toThrow(RangeError);
});

function proverOf(lines: readonly Uint8Array[]) {
  const leaves = lines.map((next) => leafHash(sha256, next));
  return treeProver(sha256, (index) => leaves[index] ?? new Uint8Array(32));
}

/** Each hash with one bit turned, each left out, one more. */
function changed(proof: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
  const turned = proof.map((hash, at) => proof.with(at, hash.with(0, (hash[0] ?? 0) ^ 1)));
  const shorter = proof.map((_hash, at) => proof.toSpliced(at, 1));
  return [...turned, ...shorter, [...proof, new Uint8Array(32)]];
}

test("a leaf is proven in its place and in no other, and no changed proof proves it", () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 40 }), fc.nat(), (lines, nat) => {
      const index = nat % lines.length;
      const size = lines.length;
      const root = treeOf(lines).root();
      const proof = proverOf(lines).inclusion(index, size);
      const claim = { leaf: leafHash(sha256, lines[index] ?? new Uint8Array()), index, size, root, proof };
      expect(provesInclusion(sha256, claim)).toBe(true);
      expect(provesInclusion(sha256, { ...claim, leaf: root.with(3, (root[3] ?? 0) ^ 4) })).toBe(false);
      for (const other of [-1, size, index + size])
        expect(provesInclusion(sha256, { ...claim, index: other })).toBe(false);
      for (const wrong of changed(proof))
        expect(provesInclusion(sha256, { ...claim, proof: wrong })).toBe(false);
    }),
    { numRuns: 60 },
  );
});

test("a tree of a thousand leaves is proven by hashes that are kept, as by those that are not", () => {
  const lines = Array.from({ length: 1_000 }, (_, at) => Buffer.from(String(at)));
  const prover = proverOf(lines);
  const root = treeOf(lines).root();
  expect(Buffer.from(prover.root(1_000)).equals(root)).toBe(true);
  for (const index of [0, 1, 255, 256, 511, 512, 999]) {
    const leaf = leafHash(sha256, lines[index] ?? new Uint8Array());
    const proof = prover.inclusion(index, 1_000);
    expect(provesInclusion(sha256, { leaf, index, size: 1_000, root, proof })).toBe(true);
  }
});
