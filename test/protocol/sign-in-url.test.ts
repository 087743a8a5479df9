/** Where a person signs in: what browser and server take for such an address, and what they do not. */
import { describe, expect, test } from "vitest";
import { parseProblem } from "../../src/protocol/problem.js";
import { parseSessionStatus } from "../../src/protocol/session-status.js";
import { isSignInUrl } from "../../src/protocol/sign-in-url.js";
import { STATUS } from "./status.js";

const TAKEN = [
  "/",
  "/login",
  "/login?a=1&b=%20#top",
  "https://id.example/in",
  "http://localhost:3000/",
  "HTTPS://id.example",
];

const REFUSED = [
  "",
  "login",
  "?in",
  "#in",
  "//evil.example/login",
  "/\\evil.example",
  "\\\\evil.example",
  "/a\\b",
  "https:/evil.example",
  "https:evil.example",
  "https:\\\\evil.example",
  "https:///evil.example",
  "https://",
  "https://?x",
  "https://[",
  "javascript:alert(1)",
  "JavaScript:alert(1)",
  " javascript:alert(1)",
  "\u0001javascript:alert(1)",
  "java\nscript:alert(1)",
  "java\tscript:alert(1)",
  "\n/login",
  "/\t/evil.example",
  "/log in",
  "/login\u0000",
  "/login\u2028",
  "data:text/html,<p>in",
  "blob:https://app.example/1",
  "vbscript:x",
  "file:///etc/passwd",
  "intent://in#Intent;end",
  "view-source:https://app.example",
  null,
  1,
  ["/login"],
  { toString: () => "/login" },
];

test.each(TAKEN)("%s is one", (address) => {
  expect(isSignInUrl(address)).toBe(true);
});

test.each(REFUSED)("%j is none", (address) => {
  expect(isSignInUrl(address)).toBe(false);
});

describe("what the server says of it", () => {
  const statusWith = (signInUrl: unknown) => parseSessionStatus({ ...STATUS, signInUrl });

  test("is read in a status", () => {
    expect(statusWith("/login")).toMatchObject({ signInUrl: "/login" });
  });

  test.each(REFUSED.filter((value) => typeof value === "string"))(
    "and is no such address costs the status nothing but that: %j",
    (signInUrl) => {
      expect(statusWith(signInUrl)).toMatchObject({ status: "active", signInUrl: null });
    },
  );

  test.each(REFUSED)("and is no such address is left out of a problem: %j", (signInUrl) => {
    const problem = parseProblem({ type: "urn:curfew:session-ended", reason: "revoked", signInUrl });
    expect(problem).toMatchObject({ reason: "revoked" });
    expect(problem).not.toHaveProperty("signInUrl");
  });
});
