/** An add-checkpoint call made by hand, after the text of C2SP tlog-witness and RFC 6962 alone. */
import { createHash } from "node:crypto";
import type { MemoryLog } from "./log.js";

/** The leaves of which the Certificate Transparency project published roots and proofs. */
export const LINES = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
].map((hex) => Buffer.from(hex, "hex"));

const node = (...parts: readonly Uint8Array[]) =>
  createHash("sha256")
    .update(Buffer.concat([Uint8Array.of(1), ...parts]))
    .digest();

function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) return only;
  const split = splitOf(leaves.length);
  return node(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

/** RFC 6962, section 2.1.2, word for word. */
export function definedProof(
  old: number,
  leaves: readonly Uint8Array[],
  isWhole = true,
): readonly Uint8Array[] {
  if (old === leaves.length) return isWhole ? [] : [rootOf(leaves)];
  const split = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return old <= split
    ? [...definedProof(old, left, isWhole), rootOf(right)]
    : [...definedProof(old - split, right, false), rootOf(left)];
}

/** @param index which of the log's checkpoints is sent */
export async function addCheckpoint(at: string, log: MemoryLog, old: number, index: number, spoil?: "proof") {
  const checkpoint = log.checkpoints[index] ?? "";
  const size = Number(checkpoint.split("\n")[1]);
  const proof = old === 0 || old > size ? [] : definedProof(old, log.hashes.slice(0, size));
  const sent = spoil === undefined ? proof : proof.map((hash) => hash.with(0, (hash[0] ?? 0) ^ 1));
  const lines = [`old ${old}`, ...sent.map((hash) => Buffer.from(hash).toString("base64"))];
  const answer = await fetch(`${at}/add-checkpoint`, {
    method: "POST",
    body: `${lines.join("\n")}\n\n${checkpoint}`,
  });
  return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text() };
}
