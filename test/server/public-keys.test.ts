import { expect, test } from "vitest";
import { createSignatureVerifier } from "../../src/server/platform/signatures.js";
import { createTestKey, type TestKey } from "./support/test-browser.js";

async function signed(key: TestKey) {
  const jws = await key.sign({ alg: "ES256" }, { a: 1 });
  const [header, payload, signature = ""] = jws.split(".");
  const { kty, crv, x, y } = key.jwk;
  return {
    jwk: { crv, kty, x, y },
    input: `${header}.${payload}`,
    signature: Buffer.from(signature, "base64url"),
  };
}

test("keys beyond the capacity are imported anew, and every verdict stays right", async () => {
  const verifier = createSignatureVerifier(2);
  const messages = await Promise.all([1, 2, 3].map(async () => signed(await createTestKey())));
  for (let round = 0; round < 3; round++)
    for (const { jwk, input, signature } of messages) {
      expect(verifier.verify(jwk, input, signature)).toBe(true);
      expect(verifier.verify(jwk, `${input}x`, signature)).toBe(false);
      for (const other of messages) {
        const isOwn = other.jwk === jwk;
        expect(verifier.verify(other.jwk, input, signature)).toBe(isOwn);
      }
    }
});

test("a point that is not on the curve verifies nothing", async () => {
  const { jwk, input, signature } = await signed(await createTestKey());
  expect(createSignatureVerifier().verify({ ...jwk, y: jwk.x }, input, signature)).toBe(false);
});
