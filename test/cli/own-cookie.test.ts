/** The app's own cookie: one header, read by the sidecar and by the app with parsers of their own. */
import { spawnSync } from "node:child_process";
import { parseCookie } from "cookie";
import { expect, test } from "vitest";
import { identifyByCookie } from "../../src/cli/settings/own-cookie.js";
import { Refusal } from "../../src/server/platform/errors.js";
import { cpuTimeOf } from "../timing.js";

/** What becomes of a Cookie header, as Node gives it: one character a byte. */
function read(header: string | undefined, name = "JSESSIONID"): string | null {
  const cookie = header === undefined ? {} : { cookie: Buffer.from(header, "utf8").toString("latin1") };
  try {
    return identifyByCookie(name)({ headers: cookie })?.id ?? null;
  } catch (error) {
    if (error instanceof Refusal) return String(error.members.code);
    throw error;
  }
}

const OTHERS: readonly (readonly [string, string])[] = [
  ["the same name", "JSESSIONID=VICTIM"],
  ["a space before the equals sign", "JSESSIONID =VICTIM"],
  ["a tab before the equals sign", "JSESSIONID\t=VICTIM"],
  ["spaces around it", "  JSESSIONID = VICTIM"],
  ["a no-break space before the name", "\u00a0JSESSIONID=VICTIM"],
  ["a no-break space after it", "JSESSIONID\u00a0=VICTIM"],
  ["an ideographic space", "\u3000JSESSIONID=VICTIM"],
  ["a zero-width space", "\u200bJSESSIONID=VICTIM"],
  ["a byte order mark", "\ufeffJSESSIONID=VICTIM"],
  ["a next-line control", "\u0085JSESSIONID=VICTIM"],
  ["quotes", '"JSESSIONID"=VICTIM'],
  ["single quotes", "'JSESSIONID'=VICTIM"],
  ["a backslash", "\\JSESSIONID=VICTIM"],
  ["another case", "jsessionid=VICTIM"],
  ["mixed case", "JSessionId=VICTIM"],
  ["letters of full width", "ＪSESSIONID=VICTIM"],
  ["a long s", "JSE\u017fSIONID=VICTIM"],
  ["an escape", "%4aSESSIONID=VICTIM"],
  ["every letter escaped", "%4A%53%45%53%53%49%4F%4E%49%44=VICTIM"],
  ["an escape of an escape", "%254aSESSIONID=VICTIM"],
  ["an escaped space", "JSESSIONID%20=VICTIM"],
  ["an escaped equals sign", "JSESSIONID%3dVICTIM=x"],
  ["an escaped NUL", "JSESSIONID%00x=VICTIM"],
  ["no name and two equals signs", "=JSESSIONID=VICTIM"],
  ["a dot before it", ".JSESSIONID=VICTIM"],
  ["a dollar sign before it", "$JSESSIONID=VICTIM"],
  ["a member of an array", "JSESSIONID[0]=VICTIM"],
  ["no value", "JSESSIONID"],
  ["a space and no value", "JSESSIONID x"],
  ["an empty value", "JSESSIONID="],
  ["a comma between the pairs", "a=1, JSESSIONID=VICTIM"],
  ["a comma and no space", "a=1,JSESSIONID=VICTIM"],
  ["a version, and a comma", "$Version=1, JSESSIONID=VICTIM"],
  ["a version, and quotes", '$Version="1"; JSESSIONID="VICTIM"'],
  ["a space between the pairs", "a=1 JSESSIONID=VICTIM"],
  ["a tab between the pairs", "a=1\tJSESSIONID =VICTIM"],
  ["a quote before it", 'a="1" JSESSIONID=VICTIM'],
  ["inside quotes", 'a="1; JSESSIONID=VICTIM; "'],
];

test.each(OTHERS)(
  "the cookie and another of its name with %s are refused, in both orders",
  (_what, other) => {
    for (const header of [
      `JSESSIONID=MALLORY; ${other}`,
      `${other}; JSESSIONID=MALLORY`,
      `a=b;${other};JSESSIONID=MALLORY;c`,
    ])
      expect(read(header), header).toBe("duplicate-cookie");
  },
);

test.each(OTHERS.slice(1))("with %s alone there is no session", (_what, other) => {
  expect([null, '"VICTIM"', "duplicate-cookie", "VICTIM"]).toContain(read(other));
  expect(read(`x=y; ${other.replaceAll("JSESSIONID=", "JSESSIONID =")}`)).not.toBe("VICTIM");
});

test.each([
  ["my.session", "my_session=VICTIM"],
  ["my_session", "my.session=VICTIM"],
  ["my_session", "my session=VICTIM"],
  ["my_session", "my[session=VICTIM"],
  ["my_session", "my+session=VICTIM"],
  ["my_session", "my%20session=VICTIM"],
  ["__Host-id", "..Host-id=VICTIM"],
  ["__Host-id", "__HOST-ID=VICTIM"],
])("the cookie %s is refused beside %s", (name, other) => {
  expect(read(`${name}=MALLORY; ${other}`, name)).toBe("duplicate-cookie");
  expect(read(`${other}; ${name}=MALLORY`, name)).toBe("duplicate-cookie");
});

test("a quote that an earlier cookie opens is refused: the session's own may be a part of its value", () => {
  expect(read('a="x; JSESSIONID=MALLORY; b="')).toBe("duplicate-cookie");
  expect(read('a= "x\\"; JSESSIONID=MALLORY')).toBe("duplicate-cookie");
  expect(read('JSESSIONID=ANN; a="x')).toBe("ANN");
});

test.each([
  ["JSESSIONID=ANN"],
  [" JSESSIONID=ANN"],
  ["a=b;JSESSIONID=ANN"],
  ["JSESSIONIDSSO=x; JSESSIONID=ANN; XJSESSIONID=y; my.JSESSIONID=z"],
  ["theme=dark; JSESSIONID=ANN; last=/app?jsessionid=x"],
  ["back=%2Fapp%3Bjsessionid%3Dx; JSESSIONID=ANN"],
  ["back=/app&jsessionid=x; JSESSIONID=ANN"],
  ['prefs={"a":1,"b":[2,3]}; JSESSIONID=ANN; q="a b, c"'],
  ["flash=Your JSESSIONID has ended, JSESSIONID; JSESSIONID=ANN"],
  ["név=Zoë, 漢字; JSESSIONID=ANN; broken=%zz%; =; ; ,"],
])("other cookies are no reason to refuse: %s", (header) => {
  expect(read(header)).toBe("ANN");
});

test("the names of frameworks do not stand in each other's way", () => {
  const header =
    "sid=1; connect.sid=2; PHPSESSID=3; .AspNetCore.Session=4; ASP.NET_SessionId=5; session=6; sessionid=7";
  for (const [at, name] of [
    "sid",
    "connect.sid",
    "PHPSESSID",
    ".AspNetCore.Session",
    "ASP.NET_SessionId",
    "session",
    "sessionid",
  ].entries())
    expect(read(header, name), name).toBe(String(at + 1));
});

test("no cookie is no session", () => {
  expect([read(undefined), read(""), read("JSESSIONID="), read("a=b")]).toEqual([null, null, null, null]);
});

const MALLORY_BESIDE = OTHERS.flatMap(([, other]) => [
  `JSESSIONID=MALLORY; ${other}`,
  `${other}; JSESSIONID=MALLORY`,
]);

test("what two parsers in use read in two ways is refused", () => {
  const inPython = spawnSync(
    "python3",
    [
      "-c",
      `import http.cookies, json, sys
def read(header):
    jar = http.cookies.SimpleCookie()
    try: jar.load(header)
    except http.cookies.CookieError: return None
    return jar["JSESSIONID"].value if "JSESSIONID" in jar else None
print(json.dumps([read(header) for header in json.load(sys.stdin)]))`,
    ],
    { input: JSON.stringify(MALLORY_BESIDE), encoding: "utf8" },
  );
  const python = JSON.parse(inPython.stdout) as (string | null)[];
  const node = MALLORY_BESIDE.map((header) => parseCookie(header).JSESSIONID);
  expect(python).toContain("VICTIM");
  expect(node).toContain("VICTIM");
  for (const [at, header] of MALLORY_BESIDE.entries())
    if (python[at] === "VICTIM" || node[at] === "VICTIM")
      expect(read(header), header).toBe("duplicate-cookie");
});

test.each([
  ["spaces", `a=${" ".repeat(60_000)}b`],
  ["words", `a=${"b ".repeat(30_000)}`],
  ["equals signs", "=".repeat(60_000)],
  ["quotes", `a="${'\\"'.repeat(30_000)}`],
  ["escapes", `${"%25".repeat(20_000)}=1`],
  ["pairs", "a=1;".repeat(15_000)],
  ["commas", "a=1,".repeat(15_000)],
  ["a name of spaces", `a${" ".repeat(60_000)}=b`],
])("a header of many %s is read in no time", (_what, others) => {
  const readBoth = () => {
    for (const header of [`${others}; JSESSIONID=ANN`, `JSESSIONID=ANN; ${others}`]) read(header);
  };
  expect(cpuTimeOf(readBoth)).toBeLessThan(1_000);
});
