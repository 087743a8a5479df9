/** One address has one form, however a socket or a proxy writes it, and what cannot be read is no address. */
import { describe, expect, test } from "vitest";
import {
  addressMatcher,
  isNetwork,
  isProxy,
  ownNetwork,
  readAddress,
  trustedPeers,
} from "../../src/server/platform/networks.js";

test.each([
  ["203.0.113.9", "203.0.113.9"],
  ["203.0.113.9:51008", "203.0.113.9"],
  ["203.0.113.9:_port", "203.0.113.9"],
  [" 203.0.113.9\t", "203.0.113.9"],
  ['"203.0.113.9"', "203.0.113.9"],
  ['"203.0.113.9:443"', "203.0.113.9"],
  ["::ffff:203.0.113.9", "203.0.113.9"],
  ["::FFFF:CB00:7109", "203.0.113.9"],
  ["0:0:0:0:0:ffff:203.0.113.9", "203.0.113.9"],
  ["::ffff:203.0.113.9:51008", "203.0.113.9"],
  ["[::ffff:203.0.113.9]:51008", "203.0.113.9"],
  ["::ffff:203.0.113.9%eth0", "203.0.113.9"],
  ["2001:db8::9", "2001:db8::9"],
  ["2001:DB8:0:0::9", "2001:db8::9"],
  ["2001:0db8:0000:0000:0000:0000:0000:0009", "2001:db8::9"],
  ["[2001:db8::9]", "2001:db8::9"],
  ["[2001:db8::9]:443", "2001:db8::9"],
  ['"[2001:db8::9]:443"', "2001:db8::9"],
  ["[2001:db8::9]:_obf.1", "2001:db8::9"],
  ["fe80::1%eth0", "fe80::1"],
  ["fe80::1%25eth0", "fe80::1"],
  ["[fe80::1%eth0]:443", "fe80::1"],
  ["::1", "::1"],
  ["::10.0.0.9", "::a00:9"],
])("%s is read as %s", (text, address) => {
  expect(readAddress(text)).toBe(address);
  expect(readAddress(address)).toBe(address);
});

test.each([
  "",
  " ",
  "unknown",
  "_hidden",
  "unix:",
  "localhost",
  "010.0.0.9",
  "0177.0.0.1",
  "0x7f.0.0.1",
  "10.0.0",
  "10.1",
  "167772161",
  "256.0.0.1",
  "10.0.0.9/8",
  "10.0.0.9.",
  "10.0.0.9:",
  "10.0.0.9:port",
  "10.0.0.9:123456",
  "10.0.0.9:1:2",
  "10.0.0.9%eth0",
  "[10.0.0.9]",
  "[10.0.0.9]:443",
  "[2001:db8::9",
  "2001:db8::9]",
  "[[2001:db8::9]]",
  "[2001:db8::9]443",
  "2001:db8:0:0:0:0:0:9:443",
  "2001:db8::9::1",
  "fe80::1%",
  "fe80::1%eth 0",
  "fe80::1%a%b",
  "\u0661\u0660.0.0.9",
  "10.0.0.\uff19",
  "10.0.0.9\u0000",
  "10.0.0.9\n",
  "10.0.0.9 10.0.0.8",
  "10.0.0.9;10.0.0.8",
  '"10.0.0.9',
  "'10.0.0.9'",
  "http://10.0.0.9",
])("%j is no address", (text) => {
  expect(readAddress(text)).toBeNull();
});

describe("a network", () => {
  test.each([
    [["10.0.0.0/8"], "10.200.0.1", true],
    [["10.0.0.0/8"], "::ffff:10.0.0.1", true],
    [["10.0.0.0/8"], "11.0.0.1", false],
    [["10.0.0.0/8"], "::a00:1", false],
    [["10.0.0.0/255.0.0.0"], "10.9.9.9", true],
    [["10.1.2.3"], "10.1.2.3", true],
    [["10.1.2.3"], "10.1.2.4", false],
    [["::ffff:172.16.0.0/108"], "172.16.3.4", true],
    [["::ffff:172.16.0.0/108"], "172.32.0.1", false],
    [["2001:db8::/32"], "2001:db8:1::1", true],
    [["2001:db8::/32"], "10.0.0.1", false],
    [["::/1"], "10.0.0.1", false],
    [["::1.2.3.4"], "1.2.3.4", false],
    [["loopback"], "127.9.9.9", true],
    [["loopback"], "::1", true],
    [["linklocal"], "fe80::7", true],
    [["uniquelocal"], "192.168.7.7", true],
    [["uniquelocal"], "8.8.8.8", false],
    [["10.0.0.0/8", "loopback"], "::1", true],
    [["10.0.0.0/8"], "nonsense", false],
    [["10.0.0.0/8"], "", false],
    [[], "10.0.0.1", false],
  ])("%j holds %s: %s", (networks, address, holds) => {
    expect(addressMatcher(networks)(address)).toBe(holds);
  });

  test.each([
    "10/8",
    "10.0.0.0/0",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "10.0.0.0/-1",
    "10.0.0.0/0x8",
    "10.0.0.0/255.0.255.0",
    "010.0.0.0/8",
    "::/129",
    "::/0",
    "::ffff:0:0/96",
    "::ffff:10.0.0.0/90",
    "fe80::1%eth0",
    "[::1]",
    "10.0.0.1:80",
    "nonsense",
    "constructor",
    "__proto__",
    "",
  ])("is not what %j says", (text) => {
    expect(isNetwork(text)).toBe(false);
    expect(() => addressMatcher([text])).toThrow(TypeError);
  });
});

test("a Unix socket is a proxy of its own name, belongs to this machine, and is no network", () => {
  expect([isProxy("unix"), isNetwork("unix"), isProxy("10.0.0.0/8"), isProxy("nonsense")]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect(trustedPeers(["unix"])("unix")).toBe(true);
  expect(trustedPeers(["unix"])("127.0.0.1")).toBe(false);
  expect(trustedPeers(["loopback"])("unix")).toBe(true);
  expect(trustedPeers(["10.0.0.0/8"])("unix")).toBe(false);
  expect(trustedPeers([])("unix")).toBe(false);
  expect(trustedPeers(["loopback"])("")).toBe(false);
});

test("addresses that one machine can choose among are one for the limits", () => {
  expect(ownNetwork("203.0.113.9")).toBe("203.0.113.9");
  expect(ownNetwork("2001:db8:1:2:3::4")).toBe(ownNetwork("2001:db8:1:2:ffff::1"));
  expect(ownNetwork("2001:db8:1:2::1")).not.toBe(ownNetwork("2001:db8:1:3::1"));
});
