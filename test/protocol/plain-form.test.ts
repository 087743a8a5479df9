import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBase64url } from "../../src/protocol/base64url.js";
import { decodeCompactJws, parseCanonicalJson } from "../../src/protocol/compact-jws.js";
import { HEARTBEAT_TYP, parseHeartbeat } from "../../src/protocol/heartbeat.js";
import { KEY_TYP, parseKeyBinding, parsePublicJwk, SIGNATURE_ALG } from "../../src/protocol/key-binding.js";
import { ParseError } from "../../src/protocol/parse-error.js";
import { thumbprintInput } from "../../src/protocol/public-jwk.js";

const part = (text: string | Uint8Array) => Buffer.from(text).toString("base64url");
const SIGNATURE = Uint8Array.from({ length: 64 }, (_none, at) => at);
const COORDINATE = part(new Uint8Array(32).fill(1));
const JWK = { kty: "EC", crv: "P-256", x: COORDINATE, y: part(new Uint8Array(32).fill(2)) };
const HEARTBEAT_HEADER = { alg: SIGNATURE_ALG, typ: HEARTBEAT_TYP, kid: "k" };
const HEARTBEAT = {
  v: 1,
  aud: "https://a.test",
  sid: "s",
  nonce: "n",
  activeAt: 5,
  intent: "extend",
  counts: { pointer: 999, key: 1, touch: 2, wheel: 3, media: 4, other: 0 },
  automated: true,
};
const BINDING_HEADER = { alg: SIGNATURE_ALG, typ: KEY_TYP, jwk: JWK };
const BINDING = { v: 1, aud: "https://a.test", sid: "s", nonce: "n" };

const signed = (header: object, payload: object) =>
  `${part(JSON.stringify(header))}.${part(JSON.stringify(payload))}.${part(SIGNATURE)}`;
const heartbeat = (changes: object, header = {}) =>
  signed({ ...HEARTBEAT_HEADER, ...header }, { ...HEARTBEAT, ...changes });

function errorOf(work: () => unknown): ParseError {
  try {
    work();
  } catch (error) {
    if (error instanceof ParseError) return error;
    throw error;
  }
  throw new Error("expected a refusal");
}

describe("what is read", () => {
  test("of a heartbeat is all that was written, and what its signature is over", () => {
    const jws = heartbeat({});
    expect(parseHeartbeat(jws)).toEqual({
      header: HEARTBEAT_HEADER,
      payload: HEARTBEAT,
      signingInput: jws.slice(0, jws.lastIndexOf(".")),
      signature: SIGNATURE,
    });
  });

  test("of a key binding is its key, its payload, and what its signature is over", () => {
    const jws = signed(BINDING_HEADER, BINDING);
    expect(parseKeyBinding(jws)).toEqual({
      jwk: JWK,
      payload: BINDING,
      signingInput: jws.slice(0, jws.lastIndexOf(".")),
      signature: SIGNATURE,
    });
  });

  test("of a key is hashed in one order, however it was written (RFC 7638)", () => {
    const { kty, crv, x, y } = JWK;
    const expected = `{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`;
    expect(thumbprintInput(parsePublicJwk({ y, x, crv, kty }))).toBe(expected);
    expect(thumbprintInput(parsePublicJwk(JWK))).toBe(expected);
  });

  test("are the words of the protocol", () => {
    expect([HEARTBEAT_TYP, KEY_TYP, SIGNATURE_ALG]).toEqual([
      "curfew-heartbeat+jwt",
      "curfew-key+jwt",
      "ES256",
    ]);
  });
});

const bytes = (...given: readonly (string | number)[]) =>
  Buffer.concat(given.map((item) => (typeof item === "number" ? Buffer.from([item]) : Buffer.from(item))));

describe("the plain form of JSON", () => {
  test.each([
    ["a byte that is no UTF-8", bytes('{"a":"', 0xff, '"}')],
    ["a character cut in half", bytes('{"a":"', 0xc3, '"}')],
    ["a longer way to write a character", bytes('{"a":"', 0xc1, 0xa1, '"}')],
    ["half a surrogate pair in bytes", bytes('{"a":"', 0xed, 0xa0, 0x80, '"}')],
    ["a byte-order mark", bytes(0xef, 0xbb, 0xbf, "{}")],
    ["UTF-16", Buffer.from("{}", "utf16le")],
    ["a line break in a text", bytes('{"a":"\n"}')],
    ["a slash with a backslash before it", bytes('{"a":"\\/"}')],
    ["a letter written as its number", bytes('{"\\u0061":1}')],
    ["an escape in capitals", bytes('{"a":"\\u001F"}')],
    ["a form feed between members", bytes('{"a":1,\f"b":2}')],
    ["a vertical tab", bytes("{\v}")],
    ["a line separator between members", bytes('{"a":1,\u2028"b":2}')],
    ["white space within a number", bytes("[1 2]")],
    ["two members of one name, far apart", bytes('{"a":1,"b":{"a":1},"a":1}')],
    ["two members of one name, deep inside", bytes('{"b":[{"a":1,"a":1}]}')],
    ["two times __proto__", bytes('{"__proto__":1,"__proto__":1}')],
    ["numbers as names out of order", bytes('{"2":1,"1":1}')],
    ["a number with more digits than fit", bytes("[0.1000000000000000055]")],
    ["nothing", bytes("")],
    ["white space alone", bytes(" ")],
  ])("is not %s", (_name, given) => {
    expect(errorOf(() => parseCanonicalJson(given)).code).toBe("json");
  });

  test.each([
    ["white space around everything", ' \t\r\n{ "a" : [ 1 , 2 ] }\r\n', { a: [1, 2] }],
    ["white space in a text, which stays", '{"a b":"c  d"}', { "a b": "c  d" }],
    ["a quotation mark and a backslash in a text", '{"a":"\\" \\\\"}', { a: '" \\' }],
    ["a text that ends in a backslash, and white space behind it", '{"a":"\\\\" }', { a: "\\" }],
    ["characters beyond ASCII", '{"ü":"😀"}', { ü: "😀" }],
    ["no object at all", "null", null],
  ])("may have %s", (_name, text, expected) => {
    expect(parseCanonicalJson(bytes(text))).toEqual(expected);
  });

  test("gives back any value that was written as the browser writes it", () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ noUnicodeString: false }),
        fc.constantFrom(0, 1, 2, "\t"),
        (value, indent) => {
          const plain = JSON.stringify(value);
          expect(JSON.stringify(parseCanonicalJson(bytes(JSON.stringify(value, null, indent))))).toBe(plain);
        },
      ),
    );
  });

  test("survives nesting as deep as a body of 4 KiB can hold, and any deeper one is a refusal", () => {
    expect(parseCanonicalJson(bytes("[".repeat(2000), "]".repeat(2000)))).toEqual(expect.any(Array));
    for (const depth of [20_000, 2_000_000])
      expect(() => parseCanonicalJson(bytes("[".repeat(depth)))).toThrow(ParseError);
  });
});

test("base64url has one spelling for every value: what is read is written the same again", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{0,12}[=+/ \n]?$/), (text) => {
      const read = decodeBase64url(text);
      if (read !== null) expect(part(read)).toBe(text);
    }),
    { numRuns: 1_000 },
  );
  expect(["A", "AB=", "AB==", "AAAA\n", "A+/A", "AÄ", "AB", "AAB"].map(decodeBase64url)).toEqual(
    Array(8).fill(null),
  );
  expect(decodeBase64url("")).toEqual(new Uint8Array());
});

test("a JWS has three parts, no more and no fewer", () => {
  for (const count of [0, 1, 2, 4, 5])
    expect(errorOf(() => decodeCompactJws(Array(count).fill("e30").join("."))).code).toBe("shape");
  expect(errorOf(() => decodeCompactJws("e30.e30.e30")).code).toBe("signature");
});

test.each([
  [{ intent: "please" }, "intent", '"intent" must be "activity" or "extend"'],
  [{ activeAt: -1 }, "active-at", '"activeAt" must be an integer from 0 to 9007199254740991'],
  [{ automated: 1 }, "shape", '"automated" must be true or false'],
  [{ sid: 1 }, "shape", '"sid" must be a string'],
  [{ nonce: undefined }, "shape", 'the heartbeat lacks the member "nonce"'],
  [{ counts: [] }, "shape", '"counts" must be a JSON object'],
  [{ counts: {} }, "shape", '"counts" lacks the member "pointer"'],
  [
    { more: 1 },
    "shape",
    "the heartbeat has members besides v, aud, sid, nonce, activeAt, intent, counts, automated",
  ],
  [{ v: 2 }, "unsupported-version", "this protocol version is not spoken here; accepted: 1"],
  [{ v: "1" }, "shape", '"v" must be a version number'],
])("a heartbeat with %j is refused in plain words", (changes, code, message) => {
  expect(errorOf(() => parseHeartbeat(heartbeat(changes)))).toMatchObject({ code, message });
});

test.each([
  [{ alg: "none" }, "alg", '"alg" must be "ES256"'],
  [{ typ: "jwt" }, "typ", '"typ" must be "curfew-key+jwt"'],
  [{ jwk: 1 }, "shape", '"jwk" must be a JSON object'],
  [{ kid: "k" }, "shape", "the binding's header has members besides alg, typ, jwk"],
  [{ jwk: { ...JWK, kty: "RSA" } }, "jwk", "the key must be an EC key on P-256"],
  [{ jwk: { ...JWK, y: "AA" } }, "jwk", "a coordinate of the key must be 32 bytes in base64url"],
])("a key binding with the header %j is refused in plain words", (changes, code, message) => {
  const jws = signed({ ...BINDING_HEADER, ...changes }, BINDING);
  expect(errorOf(() => parseKeyBinding(jws))).toMatchObject({ code, message });
});
