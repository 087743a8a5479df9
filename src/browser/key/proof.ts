/** Signs one request of the app's own, as a guard with `proof: true` asks (docs/protocol.md, "Proof of an operation"). */
import { PROOF_TYP } from "../../protocol/operation-proof.js";
import { hashOf, type SigningKey, signMessage } from "./signing.js";

export async function proveOperation(
  key: SigningKey,
  { sid, origin, challenge }: { readonly sid: string; readonly origin: string; readonly challenge: string },
  request: Request,
): Promise<string> {
  const { pathname, search } = new URL(request.url);
  const bodyHash = await hashOf(await request.clone().arrayBuffer());
  const { method } = request;
  return signMessage(key, PROOF_TYP, {
    aud: origin,
    sid,
    challenge,
    method,
    path: pathname + search,
    bodyHash,
  });
}
