import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseHeartbeat } from "../../src/protocol/heartbeat.js";
import { parseKeyBinding } from "../../src/protocol/key-binding.js";
import { ParseError } from "../../src/protocol/parse-error.js";
import { parseProblem } from "../../src/protocol/problem.js";
import { PROBLEM_STATUS, type ProblemName } from "../../src/protocol/problem-names.js";
import { parseSessionStatus } from "../../src/protocol/session-status.js";

const part = (text: string | Uint8Array) => Buffer.from(text).toString("base64url");
const SIGNATURE = part(new Uint8Array(64).fill(7));
const COORDINATE = part(new Uint8Array(32).fill(1));
const HEARTBEAT_HEADER = '{"alg":"ES256","typ":"curfew-heartbeat+jwt","kid":"k"}';
const HEARTBEAT =
  '{"v":1,"aud":"https://a.test","sid":"s","nonce":"n","activeAt":5,"intent":"activity",' +
  '"counts":{"pointer":1,"key":0,"touch":0,"wheel":0,"media":0,"other":0},"automated":false}';
const BINDING_HEADER = `{"alg":"ES256","typ":"curfew-key+jwt","jwk":{"kty":"EC","crv":"P-256","x":"${COORDINATE}","y":"${COORDINATE}"}}`;
const BINDING = '{"v":1,"aud":"https://a.test","sid":"s","nonce":"n"}';

const heartbeat = (header = HEARTBEAT_HEADER, payload = HEARTBEAT) =>
  `${part(header)}.${part(payload)}.${SIGNATURE}`;
const binding = (header = BINDING_HEADER, payload = BINDING) =>
  `${part(header)}.${part(payload)}.${SIGNATURE}`;

/** The code of the refusal; anything but a ParseError is a bug. */
function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof ParseError) return error.code;
    throw error;
  }
  return "accepted";
}

/** `text` with `from` in it replaced; a row whose `from` does not occur would test nothing. */
function changed(text: string, from: string, to: string): string {
  expect(text).toContain(from);
  return text.replace(from, to);
}

test("what the rows below change is accepted as it stands", () => {
  expect(refusalOf(() => parseHeartbeat(heartbeat()))).toBe("accepted");
  expect(refusalOf(() => parseKeyBinding(binding()))).toBe("accepted");
});

describe("a heartbeat's header with", () => {
  test.each([
    ["a member missing", ',"kid":"k"', "", "shape"],
    ["a duplicate alg", '"alg":"ES256"', '"alg":"none","alg":"ES256"', "json"],
    ["__proto__", '"kid":"k"', '"kid":"k","__proto__":{}', "shape"],
    ["__proto__ in place of a member", '"kid"', '"__proto__"', "shape"],
    ["a number for a text", '"kid":"k"', '"kid":1', "shape"],
    ["a null", '"kid":"k"', '"kid":null', "shape"],
    ["trailing bytes", '"k"}', '"k"}]', "json"],
    ["another JSON value behind it", '"k"}', '"k"}{}', "json"],
    ["a NUL behind it", '"k"}', '"k"}\0', "json"],
    ["a comment", "{", "{/**/", "json"],
    ["a trailing comma", '"k"}', '"k",}', "json"],
    ["single quotes", '"k"', "'k'", "json"],
    ["a no-break space", '"alg":', '"alg":\u00a0', "json"],
  ])("%s", (_name, from, to, code) => {
    expect(refusalOf(() => parseHeartbeat(heartbeat(changed(HEARTBEAT_HEADER, from, to))))).toBe(code);
  });

  test.each(["null", "[]", '"x"', "1", "true", ""])("%s for an object", (text) => {
    expect(refusalOf(() => parseHeartbeat(heartbeat(text)))).toMatch(/^(?:shape|json)$/);
  });
});

describe("a heartbeat's payload with", () => {
  test.each([
    ["a duplicate count", '"other":0', '"other":1,"other":0', "json"],
    ["a duplicate activeAt", '"activeAt":5', '"activeAt":9,"activeAt":5', "json"],
    ["a duplicate in another spelling", '"sid":"s"', '"sid":"s","\\u0073id":"t"', "json"],
    ["__proto__ among the counts", '"other":0', '"other":0,"__proto__":{"a":1}', "shape"],
    ["__proto__ in place of a count", '"other"', '"__proto__"', "shape"],
    ["constructor in place of a member", '"automated"', '"constructor"', "shape"],
    ["a count missing", ',"other":0', "", "shape"],
    ["a fractional count", '"pointer":1', '"pointer":0.5', "shape"],
    ["a count of minus zero", '"key":0', '"key":-0', "json"],
    ["a count with an exponent", '"pointer":1', '"pointer":1e2', "json"],
    ["a huge activeAt", "5", "1e400", "json"],
    ["an activeAt beyond every safe integer", '"activeAt":5', '"activeAt":9007199254740993', "json"],
    ["a very negative activeAt", '"activeAt":5', '"activeAt":-9007199254740991', "active-at"],
    ["an activeAt in fullwidth digits", '"activeAt":5', '"activeAt":５', "json"],
    ["an activeAt in another script, as a text", '"activeAt":5', '"activeAt":"٥"', "active-at"],
    ["a plus sign", '"activeAt":5', '"activeAt":+5', "json"],
    ["a point without digits", '"activeAt":5', '"activeAt":5.', "json"],
    ["an intent in capitals", '"activity"', '"Activity"', "intent"],
    ["an intent in a list", '"activity"', '["activity"]', "intent"],
    ["automated as a number", "false", "0", "shape"],
    ["automated as a text", "false", '"false"', "shape"],
    ["version true", '"v":1', '"v":true', "shape"],
    ["version 0", '"v":1', '"v":0', "unsupported-version"],
    ["a negative version", '"v":1', '"v":-1', "shape"],
    ["an empty object", HEARTBEAT, "{}", "shape"],
  ])("%s", (_name, from, to, code) => {
    const payload = changed(HEARTBEAT, from, to);
    expect(refusalOf(() => parseHeartbeat(heartbeat(HEARTBEAT_HEADER, payload)))).toBe(code);
  });
});

test("alg none with an empty signature gets no further than its signature", () => {
  const header = changed(HEARTBEAT_HEADER, "ES256", "none");
  expect(refusalOf(() => parseHeartbeat(`${part(header)}.${part(HEARTBEAT)}.`))).toBe("signature");
  const bound = changed(BINDING_HEADER, "ES256", "none");
  expect(refusalOf(() => parseKeyBinding(`${part(bound)}.${part(BINDING)}.`))).toBe("signature");
});

test.each([0, 1, 63, 65, 72, 128])("a signature of %i bytes is refused", (length) => {
  const jws = `${part(HEARTBEAT_HEADER)}.${part(HEARTBEAT)}.${part(new Uint8Array(length))}`;
  expect(refusalOf(() => parseHeartbeat(jws))).toBe("signature");
});

test.each([
  ["one part", "abc"],
  ["two parts", `${part(HEARTBEAT_HEADER)}.${part(HEARTBEAT)}`],
  ["five parts, as an encrypted token has", `${heartbeat()}.a.b`],
  ["only points", ".."],
  ["a JSON form of the JWS", JSON.stringify({ protected: part(HEARTBEAT_HEADER) })],
])("%s are refused", (_name, jws) => {
  expect(refusalOf(() => parseHeartbeat(jws))).toMatch(/^(?:shape|json)$/);
});

test("no change of one character in the signed parts gives the same heartbeat", () => {
  const readFrom = (jws: string) => {
    const { header, payload } = parseHeartbeat(jws);
    return { header, payload };
  };
  const jws = heartbeat();
  const original = readFrom(jws);
  fc.assert(
    fc.property(fc.nat(jws.lastIndexOf(".") - 1), fc.constantFrom(..."AZaz09-_+/=. \n"), (at, character) => {
      fc.pre(jws[at] !== character);
      const forged = jws.slice(0, at) + character + jws.slice(at + 1);
      if (refusalOf(() => parseHeartbeat(forged)) === "accepted")
        expect(readFrom(forged)).not.toEqual(original);
    }),
    { numRuns: 500 },
  );
});

describe("a key binding with", () => {
  test.each([
    ["a member of the header missing", BINDING_HEADER, '"typ":"curfew-key+jwt",', "", "shape"],
    ["a duplicate jwk", BINDING_HEADER, '"jwk":', '"jwk":{},"jwk":', "json"],
    ["a kid", BINDING_HEADER, '"alg"', '"kid":"k","alg"', "shape"],
    ["a symmetric key", BINDING_HEADER, '"kty":"EC"', '"kty":"oct"', "jwk"],
    ["a key_ops in the key", BINDING_HEADER, '"kty"', '"key_ops":[],"kty"', "shape"],
    ["a coordinate with padding", BINDING_HEADER, COORDINATE, `${COORDINATE}=`, "jwk"],
    ["a coordinate in a second spelling", BINDING_HEADER, COORDINATE, `${COORDINATE.slice(0, -1)}F`, "jwk"],
    ["a long coordinate", BINDING_HEADER, COORDINATE, part(new Uint8Array(33)), "jwk"],
    ["alg in small letters", BINDING_HEADER, "ES256", "es256", "alg"],
    ["alg HS256", BINDING_HEADER, "ES256", "HS256", "alg"],
  ])("%s", (_name, text, from, to, code) => {
    expect(refusalOf(() => parseKeyBinding(binding(changed(text, from, to))))).toBe(code);
  });

  test.each([
    ["a member of the payload missing", ',"nonce":"n"', "", "shape"],
    ["a duplicate nonce", '"nonce":"n"', '"nonce":"m","nonce":"n"', "json"],
    ["__proto__", '"nonce":"n"', '"nonce":"n","__proto__":1', "shape"],
    ["a byte-order mark", '{"v"', '\uFEFF{"v"', "json"],
    ["a text for a version", '"v":1', '"v":"1"', "shape"],
    ["a number for a sid", '"sid":"s"', '"sid":1', "shape"],
  ])("%s", (_name, from, to, code) => {
    expect(refusalOf(() => parseKeyBinding(binding(BINDING_HEADER, changed(BINDING, from, to))))).toBe(code);
  });
});

test("a heartbeat is no binding, and a binding no heartbeat", () => {
  expect(refusalOf(() => parseKeyBinding(heartbeat()))).toBe("shape");
  expect(refusalOf(() => parseHeartbeat(binding()))).toBe("shape");
});

test("a refusal never repeats what it refuses", () => {
  const secret = "x7Qp-secret";
  const rows = [
    changed(HEARTBEAT, '"activeAt":5', `"activeAt":"${secret}"`),
    changed(HEARTBEAT, '"activity"', `"${secret}"`),
    changed(HEARTBEAT, "{", `{"${secret}":1,`),
    changed(HEARTBEAT, '"v":1', `"v":"${secret}"`),
  ];
  for (const payload of rows)
    expect(() => parseHeartbeat(heartbeat(HEARTBEAT_HEADER, payload))).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(secret) }),
    );
});

test("readers of what the server says take any JSON without a crash, and nothing of its prototype", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(refusalOf(() => parseSessionStatus(value))).toEqual(expect.any(String));
      const problem = parseProblem(value);
      if (problem !== null) expect(problem.type).toMatch(/^urn:curfew:/);
    }),
  );
  expect(refusalOf(() => parseSessionStatus(JSON.parse('{"__proto__":{"v":1,"status":"none"}}')))).toBe(
    "shape",
  );
});

test.each(Object.entries(PROBLEM_STATUS))(
  "the problem %s is %i, whatever its document says, and members of a later release are ignored",
  (name, status) => {
    const type = `urn:curfew:${name as ProblemName}`;
    const title = "A title";
    expect(parseProblem({ type, title, status: 200, later: { a: 1 } })).toEqual({ type, title, status });
  },
);
