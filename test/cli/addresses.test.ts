/** Where the sidecar listens is read in one way only, and the private listener on this machine only. */
import { expect, test } from "vitest";
import { addressText, readPrivateAddress, readPublicAddress } from "../../src/cli/settings/addresses.js";

test.each([
  ["127.0.0.1:4180", { type: "tcp", host: "127.0.0.1", port: 4180 }],
  ["0.0.0.0:80", { type: "tcp", host: "0.0.0.0", port: 80 }],
  ["[::1]:4180", { type: "tcp", host: "::1", port: 4180 }],
  ["[::ffff:127.0.0.1]:1", { type: "tcp", host: "::ffff:127.0.0.1", port: 1 }],
  ["[fe80::1%eth0]:4180", { type: "tcp", host: "fe80::1%eth0", port: 4180 }],
  ["sidecar.example:4180", { type: "tcp", host: "sidecar.example", port: 4180 }],
  ["4you.example:4180", { type: "tcp", host: "4you.example", port: 4180 }],
])("the public listener may be %s", (text, address) => {
  expect(readPublicAddress(text)).toEqual(address);
});

test.each([
  "127.0.0.1",
  "127.0.0.1:",
  "127.0.0.1:65536",
  "127.0.0.1:-1",
  "127.0.0.1:\u0661",
  "::1:4180",
  "[::1]",
  "[127.0.0.1]:4180",
  "[::1%]:4180",
  "[fe80::1%eth 0]:4180",
  "unix:/run/x.sock",
  "0177.0.0.1:4180",
  "0x7f.0.0.1:4180",
  "127.1:4180",
  "2130706433:4180",
  "127.0.0.0x1:4180",
  "256.0.0.1:4180",
  "host.1:4180",
  "\u0661\u0662\u0667.0.0.1:4180",
  "",
])("the public listener may not be %j", (text) => {
  expect(readPublicAddress(text)).toEqual(expect.any(String));
});

test.each(["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1", "localhost:1", "LOCALHOST:1"])(
  "the private listener may be %s",
  (text) => {
    expect(readPrivateAddress(text)).toMatchObject({ type: "tcp", port: 1 });
  },
);

test.each([
  "10.0.0.1:1",
  "0.0.0.0:1",
  "[::]:1",
  "[::ffff:10.0.0.1]:1",
  "[fe80::1%lo]:1",
  "0177.0.0.1:1",
  "127.1:1",
  "2130706433:1",
  "localhost.evil.example:1",
  "127.0.0.1.evil.example:1",
  "[::127.0.0.1]:1",
])("the private listener may not be %s", (text) => {
  expect(readPrivateAddress(text)).toEqual(expect.stringContaining("which a network can reach"));
});

test("an address is told as it can be opened", () => {
  expect(addressText({ type: "tcp", host: "::1", port: 7 })).toBe("http://[::1]:7");
  expect(addressText({ type: "unix", path: "/run/x.sock" })).toBe("unix:/run/x.sock");
});
