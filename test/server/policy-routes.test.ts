import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readPolicy } from "../../src/server/policy/policy.js";
import type { RuleOptions } from "../../src/server/policy/policy.types.js";
import { resolveRoute, type SessionContext } from "../../src/server/policy/resolve.js";
import { normaliseRoute } from "../../src/server/policy/routes.js";
import { cpuTimeOf } from "../timing.js";

const MINUTE = 60_000;
const NOBODY: SessionContext = { roles: [], attributes: {}, networks: [] };
const NONE = { idleTimeout: null, freshPeriod: null, requiredRoles: [], rules: [] };

function withRules(...rules: readonly RuleOptions[]) {
  const policy = readPolicy({ idle: "15m", absolute: "12h", rules });
  return (path: string, context = NOBODY) => resolveRoute(policy, context, path);
}

test.each([
  ["/", "/"],
  ["/a/b", "/a/b"],
  ["/a/b/", "/a/b"],
  ["//a///b", "/a/b"],
  ["/A/b", "/a/b"],
  ["/%61dmin", "/admin"],
  ["/%2561dmin", "/admin"],
  ["/a%2Fb", "/a/b"],
  ["/a%5Cb", "/a/b"],
  ["/a\\b", "/a/b"],
  ["/a;v=1/b;x", "/a/b"],
  ["/a%3Bx/b", "/a/b"],
  ["/a/./b/../c", "/a/c"],
  ["/a/%2e%2E/c", "/c"],
  ["/a/..;/c", "/c"],
  ["/../../a", "/a"],
  ["/a?q=/b", "/a"],
  ["/a%3Fq", "/a"],
  ["/ａｄｍｉｎ", "/admin"],
  ["/a／b", "/a/b"],
  ["/ſecret", "/secret"],
  ["/%EF%BD%81dmin", "/admin"],
  ["/50%25", "/50%"],
  ["/caf%C3%A9", "/café"],
])("the path %s is read as %s", (path, route) => {
  expect(normaliseRoute(path)).toBe(route);
});

test.each([
  ["an escape that is none", "/%zz"],
  ["half an escape", "/50%"],
  ["bytes that are no UTF-8", "/%c0%ae"],
  ["an old escape", "/%u0061dmin"],
  ["NUL", "/admin%00"],
  ["a line's end", "/admin%0a"],
  ["NUL, encoded twice", "/admin%2500"],
  ["a line separator", "/admin\u2028"],
  ["no slash", "admin"],
  ["another host", "http://a.test/admin"],
  ["a fragment", "/public#/../admin"],
  ["an empty fragment", "/admin#"],
  ["nothing", ""],
  ["too much", `/${"a/".repeat(600)}`],
  ["an encoding without end", `/%${"25".repeat(12)}61`],
])("a path with %s cannot be read, and is held to the strictest rule", (_name, path) => {
  expect(normaliseRoute(path)).toBeNull();
  const demand = withRules(
    { name: "admin", routes: ["/admin/**"], fresh: "5m" },
    { name: "all", routes: ["/**"] },
  );
  expect(demand(path)).toMatchObject({ idleTimeout: null, freshPeriod: 5 * MINUTE, rules: ["admin", "all"] });
});

test.each([
  ["an empty segment counts where a dot segment goes up (WHATWG)", "/x/../admin//../secret"],
  ["only what is encoded once goes up", "/x/../admin/%252e%252e/secret"],
  ["only plain dots go up", "/x/%2e%2e/../admin/.%2e;x/secret"],
  ["only dots without a parameter go up", "/x/../admin/..;/secret"],
  ["only dots without what looks like a query go up", "/x/../admin/..%3f/secret"],
  ["only dots without a space go up", "/x/../admin/..%20/secret"],
  ["only dots in ASCII go up", "/x/../admin/%ef%bc%8e%ef%bc%8e/secret"],
  ["a host follows two slashes (WHATWG)", "//host/admin/secret"],
  ["a host follows a slash and its mirror image (WHATWG)", "/\\host/admin/secret"],
  ["a host follows more slashes (WHATWG)", "///host/admin/secret"],
  ["only what is written as a slash or its mirror image separates", "/x\\..\\admin/..%2fsecret"],
  ["dots at the end do not count (Windows)", "/admin/....."],
  ["there are very many dot segments", `/x/y/z/u${"/..".repeat(4)}/admin/secret`],
])("where %s, %s asks for what the page asks for that a program takes it for", (_how, path) => {
  const demand = withRules(
    { routes: ["/admin/**"], requireRoles: ["admin"] },
    { routes: ["/**"], idle: "10m" },
  );
  expect(demand(path).requiredRoles).toEqual([["admin"]]);
});

test("a program for which a semicolon begins the query reads no more of the path (Fastify)", () => {
  const demand = withRules({ routes: ["/pay"], requireRoles: ["teller"] }, { routes: ["/**"], idle: "10m" });
  for (const path of ["/pay;/notes", "/pay;a=1/../notes", "/pay%3b/notes"])
    expect(demand(path).requiredRoles, path).toEqual([["teller"]]);
  expect(demand("/notes;/pay").requiredRoles).toEqual([]);
});

test("an address that a browser sends with two slashes asks for no more than its pages do", () => {
  const demand = withRules({ routes: ["/admin/**"], fresh: "5m" }, { routes: ["/**"], idle: "10m" });
  for (const path of ["//notes", "/notes//7", "/notes;v=1/7", "/notes/v1.2/a..b"])
    expect(demand(path).freshPeriod, path).toBeNull();
});

test("a policy without rules for routes asks nothing of any path", () => {
  expect(withRules({ roles: ["a"], idle: "5m" })("/admin", { ...NOBODY, roles: ["a"] })).toEqual(NONE);
  expect(withRules()("%")).toEqual(NONE);
});

test("a route asks for the strictest of the rules that match it, and fresh may be said as absolute", () => {
  const demand = withRules(
    { routes: ["/**"], idle: "10m" },
    { routes: ["/pay/**", "/admin/**"], idle: "5m", fresh: "30m" },
    { routes: ["/pay/out"], absolute: "20m" },
  );
  expect(demand("/notes")).toMatchObject({
    idleTimeout: 10 * MINUTE,
    freshPeriod: null,
    rules: ["rules[0]"],
  });
  expect(demand("/pay")).toMatchObject({ idleTimeout: 5 * MINUTE, freshPeriod: 30 * MINUTE });
  expect(demand("/pay/in")).toMatchObject({ idleTimeout: 5 * MINUTE, freshPeriod: 30 * MINUTE });
  expect(demand("/pay/out")).toMatchObject({
    idleTimeout: 5 * MINUTE,
    freshPeriod: 20 * MINUTE,
    rules: ["rules[0]", "rules[1]", "rules[2]"],
  });
});

test("a rule for a route and a role holds for that role only", () => {
  const demand = withRules({ routes: ["/reports/**"], roles: ["clerk"], fresh: "5m" });
  expect(demand("/reports/1", { ...NOBODY, roles: ["clerk"] }).freshPeriod).toBe(5 * MINUTE);
  expect(demand("/reports/1")).toEqual(NONE);
});

test("a path that no pattern matches is held to the strictest of all rules for routes, whomever they are for", () => {
  const demand = withRules(
    { routes: ["/admin/**"], roles: ["admin"], fresh: "5m" },
    { routes: ["/notes/**"], idle: "10m" },
  );
  expect(demand("/elsewhere")).toMatchObject({
    idleTimeout: 10 * MINUTE,
    freshPeriod: 5 * MINUTE,
    rules: ["rules[0]", "rules[1]"],
  });
  expect(demand("/notes/1")).toMatchObject({ freshPeriod: null, rules: ["rules[1]"] });
});

test("a path asks for a role of each rule that matches it, and a narrower rule takes nothing away", () => {
  const demand = withRules(
    { name: "admin", routes: ["/admin/**"], requireRoles: ["admin", "auditor"] },
    { name: "keys", routes: ["/admin/keys/**"], requireRoles: ["security"], fresh: "5m" },
    { name: "help", routes: ["/admin/help"], idle: "10m" },
    { name: "all", routes: ["/**"] },
  );
  const required = (path: string) => demand(path).requiredRoles;
  expect(required("/notes")).toEqual([]);
  expect(required("/admin")).toEqual([["admin", "auditor"]]);
  expect(required("/admin/help")).toEqual([["admin", "auditor"]]);
  expect(demand("/ADMIN/%6beys/7")).toMatchObject({
    requiredRoles: [["admin", "auditor"], ["security"]],
    freshPeriod: 5 * MINUTE,
    rules: ["admin", "keys", "all"],
  });
});

test("a path that no pattern matches, or that cannot be read, asks for the roles of all rules", () => {
  const rules = [
    { routes: ["/admin/**"], requireRoles: ["admin"] },
    { routes: ["/pay/**"], requireRoles: ["teller", "admin"] },
  ];
  const demand = withRules(...rules);
  const all = [["admin"], ["teller", "admin"]];
  for (const path of ["/notes", "", "/admin%00", "/pay%zz"])
    expect(demand(path).requiredRoles, path).toEqual(all);
  expect(withRules(...rules, { routes: ["/**"] })("").requiredRoles).toEqual(all);
  expect(demand("/admin/../pay").requiredRoles).toEqual(all);
});

test.each([
  ["/admin/**", ["/admin", "/admin/", "/admin/a/b", "/admin/.hidden"], ["/administrator", "/x/admin"]],
  ["/admin*/**", ["/admin", "/admin-x", "/administrator/y"], ["/x/admin"]],
  ["/**/edit", ["/edit", "/notes/edit", "/a/b/edit"], ["/edit/a", "/credit"]],
  ["/Notes/*/", ["/notes/1", "/NOTES/1/"], ["/notes", "/notes/1/2"]],
  ["/{pay,move}/**", ["/pay/a", "/move"], ["/payment"]],
  ["/café", ["/caf%C3%A9", "/CAFÉ", "/cafe%CC%81"], ["/cafe"]],
  ["/", ["/", "//", "/a/.."], ["/a"]],
])("the pattern %s matches %j and not %j", (pattern, matching, others) => {
  const demand = withRules({ name: "it", routes: [pattern], fresh: "5m" }, { routes: ["/**"] });
  const found = [...matching, ...others].filter((path) => demand(path).rules.includes("it"));
  expect(found).toEqual(matching);
});

test.each([
  ["an encoded slash", "/admin/a%2fb", "/admin/*"],
  ["dots that a framework takes for a name", "/admin/x%2f..%2f..%2fpublic", "/admin/*"],
  ["dots and an encoded slash", "/x/../admin/a%2fb", "/admin/*"],
  ["an encoded backslash", "/admin/..%5cpublic", "/admin/*"],
  ["dots that a framework does not resolve", "/admin/../public", "/admin/**"],
  ["dots before a parameter", "/admin/..;/public", "/admin/**"],
  ["dots that a framework does resolve", "/public/../admin", "/admin/**"],
  ["an encoded question mark", "/admin%3f/public", "/admin"],
  ["an encoded question mark that a proxy does not decode", "/x%3f/../admin", "/admin"],
  ["an encoded number sign", "/admin%23/../public", "/admin"],
  ["dots at a segment's end", "/admin./users", "/admin/users"],
  ["dots and spaces at a segment's end", "/admin%20.%20./users...", "/admin/users"],
  ["dots before a parameter", "/admin.;v=1/users", "/admin/users"],
  ["dots before an encoded slash", "/admin.%2fusers", "/admin/users"],
  ["a space behind two dots", "/x/..%20/admin", "/admin"],
])("of the readings of a path with %s the strictest holds", (_name, path, pattern) => {
  const demand = withRules({ routes: [pattern], fresh: "5m" }, { routes: ["/**"] });
  expect(demand(path).freshPeriod).toBe(5 * MINUTE);
});

/** Ways to write one letter of a path. */
const letterSpelling = fc.constantFrom(
  (letter: string) => letter,
  (letter: string) => letter.toUpperCase(),
  (letter: string) => `%${hex(letter)}`,
  (letter: string) => `%25${hex(letter)}`,
  (letter: string) => `%${hex(letter.toUpperCase()).toUpperCase()}`,
  (letter: string) => `%2525${hex(letter)}`,
  (letter: string) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0),
);
const slashSpelling = fc.constantFrom(
  "/",
  "//",
  "%2f",
  "%2F",
  "%252f",
  "\\",
  "%5C",
  "/./",
  "/x/../",
  "/%2e/",
  "/;a/",
  "／",
);
const endSpelling = fc.constantFrom(
  "",
  "/",
  "//",
  ";v=1",
  "%3bv",
  "?q=/public",
  "/.",
  "%2f",
  "/x/..",
  "/x/%2e%2E",
  ";/",
);
const afterSegment = fc.constantFrom("", ";jsessionid=1", "%3Bx", ";..", ".", "%20", "..;a");

function hex(letter: string): string {
  return (letter.codePointAt(0) ?? 0).toString(16);
}

const strictPath = fc.constantFrom("/admin", "/admin/users", "/admin/users/42", "/pay/out");

function spelled(path: string): fc.Arbitrary<string> {
  const segments = path.slice(1).split("/");
  return fc
    .tuple(
      ...segments.map((segment) =>
        fc
          .tuple(
            slashSpelling,
            fc.tuple(...[...segment].map((letter) => letterSpelling.map((spell) => spell(letter)))),
            afterSegment,
          )
          .map(([slash, letters, after]) => `${slash}${letters.join("")}${after}`),
      ),
    )
    .chain((parts) => endSpelling.map((end) => `/${parts.join("")}${end}`));
}

test("no spelling of a path under a strict rule escapes it", () => {
  const demand = withRules(
    { name: "strict", routes: ["/admin/**", "/pay/out"], fresh: "5m", idle: "2m", requireRoles: ["admin"] },
    { name: "all", routes: ["/**"] },
  );
  void fc.assert(
    fc.property(strictPath.chain(spelled), (path) => {
      expect(demand(path)).toMatchObject({
        freshPeriod: 5 * MINUTE,
        idleTimeout: 2 * MINUTE,
        requiredRoles: [["admin"]],
      });
    }),
    { numRuns: 2_000 },
  );
});

test("normalising is finished: a normalised path stays as it is, and holds nothing that a server reads in two ways", () => {
  void fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
      const route = normaliseRoute(`/${text}`);
      if (route === null) return;
      expect(route).toMatch(/^\//);
      expect(route).not.toMatch(/\/\/|[\\;?#\0]|%[0-9a-f]{2}|\/\.{1,2}(\/|$)|.\/$/i);
      if (!route.includes("%")) expect(normaliseRoute(route)).toBe(route);
    }),
    { numRuns: 2_000 },
  );
});

test("a path made to be slow is matched in no time", () => {
  const demand = withRules({ routes: ["/**/*a*/**/*b*"], fresh: "5m" }, { routes: ["/**"] });
  const path = `/${"a/".repeat(510)}`;
  expect(cpuTimeOf(() => demand(path))).toBeLessThan(250);
});
