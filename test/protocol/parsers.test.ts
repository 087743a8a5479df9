import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBase64url, encodeBase64url } from "../../src/protocol/base64url.js";
import { decodeCompactJws, encodeSigningInput } from "../../src/protocol/compact-jws.js";
import { parseHeartbeat } from "../../src/protocol/heartbeat.js";
import { parseKeyBinding } from "../../src/protocol/key-binding.js";
import type { ParseError } from "../../src/protocol/parse-error.js";
import { parseProblem } from "../../src/protocol/problem.js";
import { parseSessionStatus } from "../../src/protocol/session-status.js";
import { STATUS } from "./status.js";

const part = (text: string) => Buffer.from(text).toString("base64url");
const SIGNATURE = Buffer.alloc(64, 7).toString("base64url");
const HEADER = '{"alg":"ES256","typ":"curfew-heartbeat+jwt","kid":"k"}';
const COUNTS = '{"pointer":1,"key":0,"touch":0,"wheel":0,"media":0,"other":0}';
const payload = (activeAt: string, rest = "") =>
  `{"v":1,"aud":"https://a.test","sid":"s","nonce":"n","activeAt":${activeAt},"intent":"activity","counts":${COUNTS},"automated":false${rest}}`;
const jws = (body: string, header = HEADER, signature = SIGNATURE) =>
  `${part(header)}.${part(body)}.${signature}`;

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return "accepted";
  } catch (error) {
    return (error as ParseError).code;
  }
};

test("a heartbeat in its plain form is read, with its members in any order and white space between them", () => {
  expect(parseHeartbeat(jws(payload("5"))).payload).toMatchObject({
    activeAt: 5,
    intent: "activity",
    sid: "s",
  });
  const turned = JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(payload("5"))).reverse()));
  expect(parseHeartbeat(jws(turned)).payload.activeAt).toBe(5);
  expect(parseHeartbeat(jws(JSON.stringify(JSON.parse(payload("5")), null, 2))).payload.activeAt).toBe(5);
  const spaced = payload("5").replace('"sid":"s"', '"sid":"a b\\"c d"');
  expect(parseHeartbeat(jws(spaced)).payload.sid).toBe('a b"c d');
});

test.each([
  ["0", "accepted"],
  ["9007199254740991", "accepted"],
  ["9007199254740992", "active-at"],
  ["-1", "active-at"],
  ["1.5", "active-at"],
  ['"1"', "active-at"],
  ["null", "active-at"],
  ["true", "active-at"],
  ["[1]", "active-at"],
  ["{}", "active-at"],
  ["-0", "json"],
  ["1.0", "json"],
  ["1e3", "json"],
  ["1E3", "json"],
  ["01", "json"],
  ["0x10", "json"],
  ["NaN", "json"],
  ["Infinity", "json"],
  ["1e999", "json"],
  ["٣", "json"],
])("an activeAt written as %s is %s", (written, expected) => {
  expect(codeOf(() => parseHeartbeat(jws(payload(written))))).toBe(expected);
});

describe("a heartbeat is refused with", () => {
  test.each([
    ["a member too many", jws(payload("5", ',"more":1')), "shape"],
    ["a duplicate member", jws(payload("5", ',"v":1')), "json"],
    ["__proto__", jws(payload("5", ',"__proto__":{"admin":true}')), "shape"],
    ["a member missing", jws(payload("5").replace(',"automated":false', "")), "shape"],
    ["an unknown intent", jws(payload("5").replace("activity", "please")), "intent"],
    ["a count too many", jws(payload("5").replace('"other":0', '"other":0,"more":0')), "shape"],
    ["a count of 1000", jws(payload("5").replace('"pointer":1', '"pointer":1000')), "shape"],
    ["a negative count", jws(payload("5").replace('"pointer":1', '"pointer":-1')), "shape"],
    ["a list of counts", jws(payload("5").replace(COUNTS, "[]")), "shape"],
    ["another version", jws(payload("5").replace('"v":1', '"v":2')), "unsupported-version"],
    ["a text for a version", jws(payload("5").replace('"v":1', '"v":"1"')), "shape"],
    ["a second spelling of a text", jws(payload("5").replace('"sid":"s"', '"sid":"\\u0073"')), "json"],
    ["a byte-order mark", jws(`\uFEFF${payload("5")}`), "json"],
    ["bytes behind the JSON", jws(`${payload("5")}x`), "json"],
    ["a jwk in the header", jws(payload("5"), HEADER.replace("}", ',"jwk":{}}')), "shape"],
    ["a crit in the header", jws(payload("5"), HEADER.replace("}", ',"crit":[]}')), "shape"],
    ["no signature", jws(payload("5"), HEADER, ""), "signature"],
    ["a short signature", jws(payload("5"), HEADER, SIGNATURE.slice(0, 84)), "signature"],
    ["a DER signature", jws(payload("5"), HEADER, Buffer.alloc(70, 7).toString("base64url")), "signature"],
    ["padding", `${jws(payload("5"))}==`, "base64url"],
    [
      "the other base64 alphabet",
      jws(payload("5"))
        .replace(/[-_]/g, "+")
        .replace(SIGNATURE, `+${SIGNATURE.slice(1)}`),
      "base64url",
    ],
    ["a fourth part", `${jws(payload("5"))}.x`, "shape"],
    ["white space", ` ${jws(payload("5"))}`, "base64url"],
    [
      "broken UTF-8",
      `${part(HEADER)}.${Buffer.from([0x7b, 0xff, 0x7d]).toString("base64url")}.${SIGNATURE}`,
      "json",
    ],
  ])("%s", (_name, text, code) => {
    expect(codeOf(() => parseHeartbeat(text))).toBe(code);
  });

  test.each([undefined, null, 1, {}, [], ""])("%j in place of a text", (value) => {
    expect(codeOf(() => parseHeartbeat(value))).toBe("shape");
  });
});

test("only the one spelling of the last base64url character is accepted", () => {
  const good = jws(payload("5"));
  const last = good.at(-1) ?? "";
  const others = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".replace(last, "");
  const accepted = [...others].filter(
    (other) => decodeBase64url(`${SIGNATURE.slice(0, -1)}${other}`) !== null,
  );
  // 64 bytes end in two significant bits: of 64 characters four are canonical.
  expect(accepted).toHaveLength(3);
});

test("base64url goes there and back for any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = encodeBase64url(bytes);
      expect(text).toBe(Buffer.from(bytes).toString("base64url"));
      expect([...(decodeBase64url(text) ?? [])]).toEqual([...bytes]);
    }),
  );
});

test("no text whatever makes the parsers throw anything but a ParseError", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json().map((body) => jws(body)),
      ),
      (text) => {
        for (const parse of [parseHeartbeat, parseKeyBinding, decodeCompactJws])
          expect(codeOf(() => parse(text))).toEqual(expect.any(String));
      },
    ),
    { numRuns: 300 },
  );
});

test("what the browser signs is what the server reads", () => {
  const header = { alg: "ES256", typ: "t", kid: "ü" };
  const decoded = decodeCompactJws(`${encodeSigningInput(header, { a: 1 })}.${SIGNATURE}`);
  expect(decoded).toMatchObject({ header, payload: { a: 1 } });
});

const BINDING = { v: 1, aud: "https://a.test", sid: "s", nonce: "n" };
const COORDINATE = Buffer.alloc(32, 1).toString("base64url");
const JWK = { kty: "EC", crv: "P-256", x: COORDINATE, y: COORDINATE };
const binding = (header: object, body: object = BINDING) =>
  `${encodeSigningInput(header, body)}.${SIGNATURE}`;

test.each([
  ["in its plain form", { alg: "ES256", typ: "curfew-key+jwt", jwk: JWK }, BINDING, "accepted"],
  ["with another alg", { alg: "none", typ: "curfew-key+jwt", jwk: JWK }, BINDING, "alg"],
  ["with a heartbeat's typ", { alg: "ES256", typ: "curfew-heartbeat+jwt", jwk: JWK }, BINDING, "typ"],
  [
    "on another curve",
    { alg: "ES256", typ: "curfew-key+jwt", jwk: { ...JWK, crv: "P-384" } },
    BINDING,
    "jwk",
  ],
  ["with a private part", { alg: "ES256", typ: "curfew-key+jwt", jwk: { ...JWK, d: "x" } }, BINDING, "shape"],
  [
    "with a short coordinate",
    { alg: "ES256", typ: "curfew-key+jwt", jwk: { ...JWK, x: "AAAA" } },
    BINDING,
    "jwk",
  ],
  [
    "with a member too many",
    { alg: "ES256", typ: "curfew-key+jwt", jwk: JWK },
    { ...BINDING, more: 1 },
    "shape",
  ],
  [
    "of another version",
    { alg: "ES256", typ: "curfew-key+jwt", jwk: JWK },
    { ...BINDING, v: 9 },
    "unsupported-version",
  ],
])("a key binding %s: %s", (_name, header, body, expected) => {
  expect(codeOf(() => parseKeyBinding(binding(header, body)))).toBe(expected);
});

test("a status is read whole, and members of a later release are ignored", () => {
  expect(parseSessionStatus(STATUS)).toEqual(STATUS);
  const later = { ...STATUS, more: 1, policy: { ...STATUS.policy, more: 1 } };
  expect(parseSessionStatus(later)).toEqual(STATUS);
  expect(parseSessionStatus({ ...STATUS, sameSubject: false })).toMatchObject({ sameSubject: false });
  expect(parseSessionStatus({ v: 1, status: "none", more: 1 })).toEqual({ v: 1, status: "none" });
});

test.each(Object.keys(STATUS).filter((name) => !["accepts", "key"].includes(name)))(
  "a status without %s is none",
  (name) => {
    const { [name as "v"]: _left, ...rest } = STATUS;
    expect(codeOf(() => parseSessionStatus(rest))).not.toBe("accepted");
  },
);

test.each([[null], ["<html>"], [[]], [{}], [{ v: 2, status: "none" }], [{ v: 1, status: "odd" }]])(
  "%j is no status",
  (value) => {
    expect(codeOf(() => parseSessionStatus(value))).not.toBe("accepted");
  },
);

test("a problem is read with what belongs to it, and what is none of ours is null", () => {
  const ended = {
    type: "urn:curfew:session-ended",
    status: 401,
    title: "t",
    reason: "idle",
    endedAt: 5,
    sid: "s",
    more: 1,
  };
  expect(parseProblem(ended)).toEqual({
    type: ended.type,
    status: 401,
    title: "t",
    reason: "idle",
    endedAt: 5,
    sid: "s",
  });
  expect(parseProblem({ ...ended, reason: "odd", endedAt: "x", session: { v: 1 } })).toEqual({
    type: ended.type,
    status: 401,
    title: "t",
    sid: "s",
  });
  expect(parseProblem({ type: "urn:curfew:stale-nonce", session: STATUS })?.session).toEqual(STATUS);
  for (const value of [null, "x", {}, { type: "about:blank" }, { type: "urn:curfew:toString" }])
    expect(parseProblem(value)).toBeNull();
});
