/** The sidecar reads a browser's address as the verifier does, and takes nobody who asks for the browser itself. */
import { afterAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "./support/program.js";
import { BASIC, cookieFrom, startSidecar } from "./support/sidecar.js";

const folder = temporaryFolder();
afterAll(() => folder.remove());

const POLICY = {
  idle: "10m",
  absolute: "12h",
  rules: [
    { name: "the hall", networks: ["203.0.113.0/24"], idle: "5m" },
    { name: "this machine", networks: ["loopback"], idle: "30m", relax: true },
  ],
};

let subjects = 0;

async function sidecar(trustProxy: readonly string[], where: "tcp" | "unix") {
  const own = where === "tcp" ? "127.0.0.1:0" : `unix:${folder.file(`${trustProxy.join("-")}.sock`)}`;
  const running = await startSidecar(folder, {
    ...BASIC,
    policy: POLICY,
    trustProxy,
    listen: { public: "127.0.0.1:0", private: own },
  });
  return {
    ...running,
    async idleOf(headers: Record<string, string>) {
      const subject = `ann ${++subjects}`;
      const started = await running.call("POST", "/sessions", { subject }, headers);
      expect(started.status).toBe(201);
      const { body } = await running.call("GET", `/sessions?subject=${encodeURIComponent(subject)}`);
      const [session] = body.sessions as { idleExpiresAt: number; lastActiveAt: number }[];
      return (Number(session?.idleExpiresAt) - Number(session?.lastActiveAt)) / 60_000;
    },
  };
}

describe.each(["tcp", "unix"] as const)("over %s", (where) => {
  test.each([[["loopback"]], [["unix", "127.0.0.1"]]])(
    "with trustProxy %j what is passed on is believed",
    async (trustProxy) => {
      const { idleOf, program } = await sidecar(trustProxy, where);
      for (const hall of [
        "203.0.113.7",
        "203.0.113.7:51008",
        "[::ffff:203.0.113.7]:1",
        "10.0.0.1, 203.0.113.7",
      ])
        expect(await idleOf({ "x-forwarded-for": hall }), hall).toBe(5);
      expect(await idleOf({ forwarded: 'for="203.0.113.7:1"' })).toBe(5);
      expect(await idleOf({ "x-forwarded-for": "198.51.100.1:9" })).toBe(10);
      expect(await idleOf({ "x-forwarded-for": "127.0.0.1" })).toBe(30);
      await program.stop();
    },
  );

  test("who passes on nothing, or what cannot be read, gets the stricter time and never that of their own address", async () => {
    const { idleOf, program } = await sidecar(["loopback"], where);
    for (const headers of [{}, { "x-forwarded-proto": "https" }, { "x-forwarded-for": "_hidden" }])
      expect(await idleOf(headers)).toBe(5);
    expect(await idleOf({ "x-forwarded-for": "127.0.0.1", forwarded: "for=198.51.100.1" })).toBe(5);
    await program.stop();
    const told = program.lines.filter((line) => line.includes("address of a client is not known"));
    expect(told.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual([
      expect.stringContaining(
        "the browser's address was not passed on: list the proxy or the app that calls in `trustProxy`",
      ),
      expect.stringContaining("X-Forwarded-For of a trusted proxy says"),
    ]);
  });

  test("without trustProxy nothing that is passed on is believed", async () => {
    const { idleOf, program } = await sidecar([], where);
    for (const from of ["198.51.100.1", "127.0.0.1", "203.0.113.7"])
      expect(await idleOf({ "x-forwarded-for": from })).toBe(5);
    await program.stop();
  });
});

test("the name under which an app calls the sidecar is not taken for the address of a page", async () => {
  const { call, program } = await sidecar(["loopback"], "tcp");
  for (const headers of [{ host: "sidecar" }, { host: "sidecar", "x-forwarded-proto": "https" }])
    expect((await call("POST", "/sessions", { subject: "ann" }, headers)).status).toBe(201);
  expect(program.lines.join("\n")).not.toContain("plain http");
  const told = { "x-forwarded-proto": "http", "x-forwarded-host": "dev.bank.test" };
  expect((await call("POST", "/sessions", { subject: "ann" }, told)).status).toBe(201);
  await program.stop();
  expect(program.lines.join("\n")).toContain("plain http to dev.bank.test");
});

test("a session is held to the stricter time by the check that shows its network", async () => {
  const { call, check, program } = await sidecar(["loopback"], "tcp");
  const started = await call(
    "POST",
    "/sessions",
    { subject: "ann" },
    { "x-forwarded-for": "198.51.100.1:5" },
  );
  const cookie = cookieFrom(started);
  const expiresAt = async (from: string) =>
    Number((await check(cookie, "", { "x-forwarded-for": from })).headers["curfew-expires-at"]);
  const before = await expiresAt("198.51.100.1:6");
  expect(before - (await expiresAt("203.0.113.7:51008"))).toBe(5 * 60_000);
  await program.stop();
});
