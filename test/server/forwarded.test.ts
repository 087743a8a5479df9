/** What a trusted proxy says of a request, in the two languages that proxies speak, and what nobody believes. */
import { describe, expect, test } from "vitest";
import { type Arrival, readSender, type Sender } from "../../src/server/http/forwarded.js";
import { trustedPeers } from "../../src/server/platform/networks.js";

interface Case {
  readonly peer?: string | null;
  readonly scheme?: string;
  readonly host?: string;
  readonly relayed?: boolean;
  readonly trustProxy?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

function sender({ trustProxy = ["10.0.0.0/8"], headers = {}, ...arrival }: Case): Sender {
  const header: Arrival["header"] = (name) => headers[name] ?? null;
  const given = { peer: "10.0.0.1", scheme: "http", host: "app.test", relayed: false, header };
  return readSender({ ...given, ...arrival }, trustedPeers(trustProxy));
}

const addressOf = (headers: Readonly<Record<string, string>>, more: Case = {}) =>
  sender({ headers, ...more }).address;
const originOf = (headers: Readonly<Record<string, string>>, more: Case = {}) =>
  sender({ headers, ...more }).origin;

describe("X-Forwarded-For", () => {
  test.each([
    ["203.0.113.9", "203.0.113.9"],
    ["203.0.113.9:51008", "203.0.113.9"],
    ['"[2001:db8::9]:443"', "2001:db8::9"],
    ["198.51.100.1, 203.0.113.9", "203.0.113.9"],
    ["198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"],
    ["203.0.113.9:1, 10.0.0.2:2, [::ffff:10.0.0.3]:3", "203.0.113.9"],
    ["10.9.9.9, 10.0.0.2", "10.9.9.9"],
    ["nonsense, 203.0.113.9", "203.0.113.9"],
    [`${"198.51.100.1, ".repeat(500)}203.0.113.9`, "203.0.113.9"],
    [`203.0.113.9${", 10.0.0.2".repeat(500)}`, "203.0.113.9"],
  ])("%s names the client %s", (list, address) => {
    expect(addressOf({ "x-forwarded-for": list })).toBe(address);
  });

  test.each([
    "unknown",
    "_hidden",
    "203.0.113.9, unknown",
    "203.0.113.9, ",
    "203.0.113.9,, 10.0.0.2",
    ", 10.0.0.2",
    ",",
    ",,,",
    "203.0.113.9;10.0.0.2",
    "203.0.113.9 10.0.0.2",
    "010.0.0.2",
    "10.0.0.\u0662",
    "nonsense, 10.0.0.2",
    "unix:, 10.0.0.2",
  ])("%j names nobody, and says why", (list) => {
    const { address, unknownAddress } = sender({ headers: { "x-forwarded-for": list } });
    expect(address).toBeNull();
    expect(unknownAddress?.cause).toMatch(
      /X-Forwarded-For of a trusted proxy says .* no address|Unix socket/,
    );
  });

  test("of a peer that is no trusted proxy is not believed", () => {
    for (const peer of ["203.0.113.7", "::1", "127.0.0.1"])
      expect(addressOf({ "x-forwarded-for": "10.0.0.9" }, { peer })).toBe(peer);
    expect(addressOf({ "x-forwarded-for": "10.0.0.9" }, { peer: null })).toBeNull();
    expect(addressOf({ "x-forwarded-for": "10.0.0.9" }, { peer: "unix" })).toBeNull();
  });

  test("that is not there leaves the peer's own address, and nobody's where the peer speaks for a browser", () => {
    expect(addressOf({})).toBe("10.0.0.1");
    expect(addressOf({ "x-forwarded-for": " " })).toBe("10.0.0.1");
    expect(addressOf({ "x-forwarded-proto": "https" })).toBe("10.0.0.1");
    for (const headers of [{}, { "x-forwarded-proto": "https" }]) {
      const relayed = sender({ headers, relayed: true });
      expect([relayed.address, relayed.unknownAddress?.cause]).toEqual([
        null,
        expect.stringContaining("was not passed on"),
      ]);
    }
    expect(addressOf({ "x-forwarded-for": "203.0.113.9" }, { relayed: true })).toBe("203.0.113.9");
  });

  test("of a proxy on a Unix socket is believed where `trustProxy` names it", () => {
    const headers = { "x-forwarded-for": "203.0.113.9, unix:", "x-forwarded-proto": "https" };
    for (const trustProxy of [["unix"], ["loopback"]])
      expect(sender({ headers, peer: "unix", trustProxy })).toMatchObject({
        address: "203.0.113.9",
        origin: "https://app.test",
      });
    const { address, unknownAddress, origin } = sender({ headers, peer: "unix" });
    expect([address, origin]).toEqual([null, "http://app.test"]);
    expect(unknownAddress?.cause).toContain('trustProxy: ["unix"]');
  });
});

describe("Forwarded", () => {
  test.each([
    ["for=203.0.113.9", "203.0.113.9"],
    ["For=203.0.113.9;by=10.0.0.1", "203.0.113.9"],
    ['for="203.0.113.9:51008"', "203.0.113.9"],
    ['for="[2001:db8::9]:443"', "2001:db8::9"],
    ["for=198.51.100.1, for=203.0.113.9", "203.0.113.9"],
    ['for=203.0.113.9, for="[::ffff:10.0.0.2]:1" ;proto=https', "203.0.113.9"],
    ['for=203.0.113.9;x="a,b;for=1\\"", for=10.0.0.2', "203.0.113.9"],
    ["for=10.9.9.9, for=10.0.0.2", "10.9.9.9"],
  ])("%s names the client %s", (forwarded, address) => {
    expect(addressOf({ forwarded })).toBe(address);
  });

  test.each([
    "for=unknown",
    "for=_hidden",
    "for=",
    "for",
    "203.0.113.9",
    "for=203.0.113.9,",
    "for=203.0.113.9;",
    "for=203.0.113.9;for=10.9.9.9",
    "for=203.0.113.9;FOR=10.9.9.9",
    'for="203.0.113.9',
    "for=[2001:db8::9]",
    'for="203.0.113.9", for=10.0.0.2 x',
    "proto=https",
    "for=203.0.113.9, proto=https",
    'for=10.9.9.9;x=", for=203.0.113.9',
    "for=203.0.113.9\u0000",
  ])("%j names nobody", (forwarded) => {
    expect(addressOf({ forwarded })).toBeNull();
  });

  test("names scheme and host by the element that the outermost trusted proxy wrote", () => {
    const chain = (first: string, second: string) =>
      originOf({ forwarded: `for=198.51.100.1;proto=http;host=evil.test, ${first}, ${second}` });
    expect(
      chain("for=203.0.113.9;proto=https;host=www.test", "for=10.0.0.2;proto=http;host=inner.test"),
    ).toBe("https://www.test");
    expect(chain("for=10.0.0.3", 'for=203.0.113.9;proto=HTTPS;host="www.test:8443"')).toBe(
      "https://www.test:8443",
    );
    expect(chain("for=10.0.0.3", "for=203.0.113.9;proto=https")).toBe("https://app.test");
    expect(originOf({ forwarded: "proto=https;host=www.test" })).toBe("https://www.test");
  });

  test("that cannot be read leaves the origin unknown, of a peer that is not trusted it is not looked at", () => {
    const forwarded = "for=203.0.113.9;proto=https;proto=http";
    const { origin, unknownOrigin } = sender({ headers: { forwarded } });
    expect([origin, unknownOrigin?.cause]).toEqual([
      "",
      expect.stringContaining("Forwarded of a trusted proxy"),
    ]);
    expect(sender({ headers: { forwarded }, peer: "203.0.113.7" })).toEqual({
      address: "203.0.113.7",
      unknownAddress: null,
      unlistedProxy: "203.0.113.7",
      origin: "http://app.test",
      unknownOrigin: null,
    });
  });
});

describe("both languages at once", () => {
  const X = {
    "x-forwarded-for": "203.0.113.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "www.test",
  };

  test.each([
    "for=203.0.113.9;proto=https;host=www.test",
    'for="203.0.113.9:77";proto=https;host="WWW.test:443"',
    "for=198.51.100.1, for=203.0.113.9;host=www.test;proto=https",
  ])("are believed where they agree: %s", (forwarded) => {
    expect(sender({ headers: { ...X, forwarded } })).toMatchObject({
      address: "203.0.113.9",
      origin: "https://www.test",
    });
  });

  test.each([
    ["for=10.9.9.9;proto=https;host=www.test", null, "https://www.test"],
    ["for=203.0.113.9;proto=http;host=www.test", "203.0.113.9", ""],
    ["for=203.0.113.9;proto=https;host=evil.test", "203.0.113.9", ""],
    ["for=10.9.9.9", null, ""],
    ["nonsense", null, ""],
  ])("are not believed where they differ: %s", (forwarded, address, origin) => {
    expect(sender({ headers: { ...X, forwarded } })).toMatchObject({ address, origin });
  });

  test("what a browser adds in the language that its proxy does not speak only makes things stricter", () => {
    const spoofed = { forwarded: "for=10.9.9.9;proto=https;host=evil.test" };
    const { address, unknownAddress, origin } = sender({
      headers: { "x-forwarded-proto": "http", ...spoofed },
    });
    expect([address, origin]).toEqual([null, ""]);
    expect(unknownAddress?.cause).toMatch(/Forwarded and X-Forwarded-\* name different clients.*remove/);
  });
});

describe("the origin", () => {
  test.each<[Readonly<Record<string, string>>, string]>([
    [{ "x-forwarded-proto": "https" }, "https://app.test"],
    [{ "x-forwarded-proto": "HTTPS" }, "https://app.test"],
    [{ "x-forwarded-proto": "wss" }, "https://app.test"],
    [{ "x-forwarded-proto": "https", "x-forwarded-host": "WWW.Test:443" }, "https://www.test"],
    [{ "x-forwarded-proto": "https", "x-forwarded-port": "8443" }, "https://app.test:8443"],
    [{ "x-forwarded-proto": "https", "x-forwarded-port": "443" }, "https://app.test"],
    [
      { "x-forwarded-proto": "https", "x-forwarded-host": "a.test:1", "x-forwarded-port": "2" },
      "https://a.test:1",
    ],
    [{ "x-forwarded-port": "8080" }, "http://app.test:8080"],
    [{ "x-forwarded-host": "app.test, app.test" }, "http://app.test"],
    [
      { "x-forwarded-proto": "https,https", "x-forwarded-host": "[2001:db8::1]:8443" },
      "https://[2001:db8::1]:8443",
    ],
    [
      {
        "x-forwarded-for": "203.0.113.9, 10.0.0.2",
        "x-forwarded-proto": "https, http",
        "x-forwarded-host": "www.test, inner.test",
      },
      "https://www.test",
    ],
    [{ "x-forwarded-for": "203.0.113.9", "x-forwarded-host": "evil.test, www.test" }, "http://www.test"],
  ])("of %j is %s", (headers, origin) => {
    expect(originOf(headers)).toBe(origin);
  });

  test.each<[Readonly<Record<string, string>>, string]>([
    [{ "x-forwarded-proto": "javascript" }, "app.test"],
    [{ "x-forwarded-proto": "constructor" }, "app.test"],
    [{ "x-forwarded-host": "user@evil.test" }, "app.test"],
    [{ "x-forwarded-host": "evil.test/path" }, "app.test"],
    [{ "x-forwarded-host": "evil.test:99999" }, "app.test"],
    [{ "x-forwarded-host": "a.test, " }, "app.test"],
    [{ "x-forwarded-port": "80x" }, "app.test"],
    [
      { "x-forwarded-for": "203.0.113.9, 10.0.0.2, 10.0.0.3", "x-forwarded-host": "www.test, inner.test" },
      "app.test",
    ],
    [{}, ""],
    [{}, "app.test, app.test"],
    [{}, "app.test:"],
    [{}, "app test"],
  ])("of %j, sent to %j, is not known, and the cause names what was said", (headers, host) => {
    const { origin, unknownOrigin } = sender({ headers, host });
    expect(origin).toBe("");
    expect(unknownOrigin?.cause).toMatch(
      /^the request names scheme ".*", host ".*", which is no single origin/,
    );
  });

  test("puts what was said on one short line of ASCII", () => {
    const { unknownOrigin, unknownAddress } = sender({
      headers: {
        "x-forwarded-host": `a\r\nb\u001b[31m\u2028${"x".repeat(500)}`,
        "x-forwarded-for": "\u0085\n\u{1f600}",
      },
    });
    for (const said of [unknownOrigin?.cause, unknownAddress?.cause]) {
      expect(said).toMatch(/^[\x20-\x7e\u2026]+$/);
      expect(said?.length).toBeLessThan(400);
    }
  });
});
