/** Signed notes and checkpoints against the values of the C2SP specifications. */
import { createHash, createPublicKey, sign, verify as verifySignature } from "node:crypto";
import { expect, test } from "vitest";
import { checkpointText, notesIn, parseCheckpoint } from "../../src/evidence/checkpoint.js";
import {
  cosignedMessage,
  ED25519,
  ED25519_COSIGNATURE,
  formatNote,
  formatVerifierKey,
  parseNote,
  parseVerifierKey,
  timestamped,
  type VerifierKey,
  verifyNote,
} from "../../src/evidence/note.js";
import { formatProof, parseProof } from "../../src/evidence/proof.js";
import { webTools as web } from "../../src/evidence/web-tools.js";
import { nodeTools as node } from "../../src/server/platform/log-tools.js";
import { signingKey } from "./log.js";

const EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const EXAMPLE = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;

function read(text: string): VerifierKey {
  const key = parseVerifierKey(node.sha256, text);
  if (key === null) throw new Error(`no key: ${text}`);
  return key;
}

function noteOf(text: string) {
  const note = parseNote(text);
  if (note === null) throw new Error(`no note: ${text}`);
  return note;
}

test.each([
  ["node:crypto", node],
  ["Web Crypto", web],
])("the specification's example verifies by %s, and is written as it was read", async (_name, { verify }) => {
  const key = read(EXAMPLE_KEY);
  expect(formatVerifierKey(key)).toBe(EXAMPLE_KEY);
  expect(formatNote(noteOf(EXAMPLE))).toBe(EXAMPLE);
  expect(await verifyNote(verify, noteOf(EXAMPLE), [key])).toMatchObject({
    status: "verified",
    by: [{ key }],
  });
  const changed = EXAMPLE.replace("example message", "example massage");
  expect(await verifyNote(verify, noteOf(changed), [key])).toEqual({
    status: "forged",
    name: "example.com/foo",
  });
});

test("a note of nobody known is of nobody known, whoever else has signed", async () => {
  expect(await verifyNote(node.verify, noteOf(EXAMPLE), [])).toEqual({ status: "unknown" });
  const other = { ...read(EXAMPLE_KEY), name: "example.com/bar" };
  expect(await verifyNote(node.verify, noteOf(EXAMPLE), [other])).toEqual({ status: "unknown" });
});

test("the text ends at the last blank line", () => {
  const poem = "one\n\ntwo\n\n— a.example AAAAAAE=\n";
  expect(noteOf(poem).text).toBe("one\n\ntwo\n");
});

test.each([
  ["no signature", "text\n"],
  ["no end", EXAMPLE.slice(0, -1)],
  ["a control character", EXAMPLE.replace("This", "Th\tis")],
  ["a carriage return", EXAMPLE.replaceAll("\n", "\r\n")],
  ["a hyphen for a dash", EXAMPLE.replace("—", "-")],
  ["a signature that is no Base64", EXAMPLE.replace("Uw2Q", "Uw_Q")],
  ["a signature of the key's id alone", "text\n\n— a AAAAAA==\n"],
  ["a name with a plus", EXAMPLE.replace("com/foo", "com+foo")],
  ["65 signatures", `text\n\n${"— a AAAAAAE=\n".repeat(65)}`],
])("%s is no note", (_what, text) => {
  expect(parseNote(text)).toBeNull();
});

test("sixteen signatures are read, and more", () => {
  expect(noteOf(`text\n\n${"— a AAAAAAE=\n".repeat(64)}`).signatures).toHaveLength(64);
});

test.each([
  ["another id", EXAMPLE_KEY.replace("530d903a", "530d903b")],
  ["another name", EXAMPLE_KEY.replace("foo", "bar")],
  ["a type that is not known", "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"],
  ["no key", "example.com/foo+530d903a+AQ=="],
  ["nothing", ""],
])("a verifier key with %s is refused", (_what, text) => {
  expect(parseVerifierKey(node.sha256, text)).toBeNull();
});

test("a verifier key whose Base64 has a plus is read", () => {
  for (let tried = 0; tried < 200; tried++) {
    const { key } = signingKey("log.example");
    const text = formatVerifierKey(key);
    expect(read(text)).toMatchObject({ name: "log.example", type: ED25519 });
    if (text.split("+").length > 3) return;
  }
  throw new Error("no key of two hundred had a plus");
});

test("a checkpoint of ours verifies by the specification alone", () => {
  const { key, privateKey } = signingKey("log.example/node-1");
  const text = checkpointText({ origin: "log.example/node-1", size: 7, root: new Uint8Array(32).fill(9) });
  const written = formatNote({
    text,
    signatures: [{ ...key, bytes: sign(null, Buffer.from(text), privateKey) }],
  });
  // From here on nothing of Curfew's: C2SP signed-note and tlog-checkpoint, read anew.
  const end = written.lastIndexOf("\n\n");
  const body = written.slice(0, end + 1);
  expect(body).toBe(`log.example/node-1\n7\n${Buffer.alloc(32, 9).toString("base64")}\n`);
  const [dash, name, encoded = ""] = written
    .slice(end + 2)
    .trimEnd()
    .split(" ");
  expect([dash, name]).toEqual(["\u2014", "log.example/node-1"]);
  const bytes = Buffer.from(encoded, "base64");
  const vkey = formatVerifierKey(key);
  const material = Buffer.from(vkey.slice(vkey.indexOf("+", vkey.indexOf("+") + 1) + 1), "base64");
  const id = createHash("sha256").update(`${name}\n`).update(material).digest().subarray(0, 4);
  expect(bytes.subarray(0, 4).equals(id)).toBe(true);
  const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), material.subarray(1)]);
  const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
  expect(verifySignature(null, Buffer.from(body), publicKey, bytes.subarray(4))).toBe(true);
});

const COSIGNED = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`;

test("the specification's cosigned checkpoint is read", () => {
  const checkpoint = parseCheckpoint(COSIGNED);
  expect(checkpoint).toMatchObject({ origin: "example.com/behind-the-sofa", size: 20_852_163 });
  expect(new TextDecoder().decode(cosignedMessage(1_679_315_147, checkpoint?.note.text ?? ""))).toBe(
    "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
  );
  expect(checkpoint?.note.signatures[1]?.bytes.subarray(0, 8)).toEqual(
    timestamped(1_679_315_147, new Uint8Array()),
  );
});

test("a cosignature says when, and another time is another signature", async () => {
  const { key, privateKey } = signingKey("witness.example", ED25519_COSIGNATURE);
  const { text } = noteOf(COSIGNED);
  const signature = sign(null, cosignedMessage(1_800_000_000, text), privateKey);
  const at = (seconds: number) => ({
    text,
    signatures: [{ ...key, bytes: timestamped(seconds, signature) }],
  });
  expect(await verifyNote(node.verify, at(1_800_000_000), [key])).toMatchObject({
    by: [{ signedAt: 1_800_000_000_000 }],
  });
  expect(await verifyNote(node.verify, at(1_800_000_001), [key])).toMatchObject({ status: "forged" });
});

test.each([
  ["a size with a leading zero", "log\n07\n"],
  ["a size with a sign", "log\n+7\n"],
  ["no origin", "\n7\n"],
])("%s is no checkpoint", (_what, head) => {
  const root = Buffer.alloc(32).toString("base64");
  expect(parseCheckpoint(`${head}${root}\n\n— a AAAAAAE=\n`)).toBeNull();
  expect(parseCheckpoint(`log\n7\n${root}\n\n— a AAAAAAE=\n`)).not.toBeNull();
  expect(parseCheckpoint(`log\n7\n${root.slice(4)}\n\n— a AAAAAAE=\n`)).toBeNull();
});

test("notes that stand one after another are told apart", async () => {
  const notes: string[] = [];
  for await (const note of notesIn(`${COSIGNED}${EXAMPLE}${COSIGNED}`.split("\n").slice(0, -1)))
    notes.push(note);
  expect(notes).toEqual([COSIGNED, EXAMPLE, COSIGNED]);
});

test("a proof is written as it is read, and what others add is passed over", () => {
  const proof = { index: 73_894, hashes: [new Uint8Array(32).fill(1)], checkpoint: COSIGNED };
  expect(parseProof(formatProof(proof))).toEqual(proof);
  const withExtra = formatProof(proof).replace("index", "extra YWJj\nindex");
  expect(parseProof(withExtra)).toEqual(proof);
  for (const wrong of ["@v2", "index 07", "index -1", "index"])
    expect(parseProof(formatProof(proof).replace(wrong === "@v2" ? "@v1" : "index 73894", wrong))).toBeNull();
});
