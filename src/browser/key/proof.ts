/** Signs one request of the app's own, as a guard with `proof: true` asks (docs/protocol.md, "Proof of an operation"). */
import { SIGNATURE_ALG } from "../../protocol/key-binding.js";
import { PROOF_TYP } from "../../protocol/operation-proof.js";
import { PROTOCOL_VERSION } from "../../protocol/version.js";
import { hashOf, type SigningKey, signCompactJws } from "./signing.js";

export async function proveOperation(
  key: SigningKey,
  { sid, origin, challenge }: { readonly sid: string; readonly origin: string; readonly challenge: string },
  request: Request,
): Promise<string> {
  const { pathname, search } = new URL(request.url);
  const header = { alg: SIGNATURE_ALG, typ: PROOF_TYP, kid: key.kid };
  const payload = {
    v: PROTOCOL_VERSION,
    aud: origin,
    sid,
    challenge,
    method: request.method,
    path: pathname + search,
    bodyHash: await hashOf(await request.clone().arrayBuffer()),
  };
  return signCompactJws(key, { header, payload });
}
