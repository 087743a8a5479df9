/** The proof of a single operation: the bound key signs what is to be done (docs/protocol.md, "Proof of an operation"). */
import { decodeCompactJws, type UnverifiedJws } from "./compact-jws.js";
import { exactObject, integerAt, objectOf, stringAt } from "./members.js";
import { checkVersion } from "./version.js";

export const PROOF_TYP = "curfew-proof+jwt";

interface ProofPayload {
  readonly v: number;
  readonly aud: string;
  readonly sid: string;
  /** The single-use value that the server asked with. */
  readonly challenge: string;
  readonly method: string;
  /** The path with its query, as sent. */
  readonly path: string;
  /** SHA-256 of the body's bytes, base64url; of nothing where there is no body. */
  readonly bodyHash: string;
}

export interface UnverifiedProof extends Omit<UnverifiedJws, "header" | "payload"> {
  readonly header: { readonly alg: string; readonly typ: string; readonly kid: string };
  readonly payload: ProofPayload;
}

/**
 * Reads the header `Curfew-Proof` strictly.
 * @throws ParseError with the code of the first rule broken.
 */
export function parseOperationProof(jws: unknown): UnverifiedProof {
  const { header, payload, ...rest } = decodeCompactJws(jws);
  const read = exactObject(header, ["alg", "typ", "kid"], "the proof's header");
  return {
    ...rest,
    header: { alg: stringAt(read, "alg"), typ: stringAt(read, "typ"), kid: stringAt(read, "kid") },
    payload: parsePayload(payload),
  };
}

function parsePayload(value: unknown): ProofPayload {
  checkVersion(objectOf(value, "the proof").v);
  const members = ["v", "aud", "sid", "challenge", "method", "path", "bodyHash"];
  const payload = exactObject(value, members, "the proof");
  return {
    v: integerAt(payload, "v"),
    aud: stringAt(payload, "aud"),
    sid: stringAt(payload, "sid"),
    challenge: stringAt(payload, "challenge"),
    method: stringAt(payload, "method"),
    path: stringAt(payload, "path"),
    bodyHash: stringAt(payload, "bodyHash"),
  };
}
