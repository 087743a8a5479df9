import { describe, expect, test } from "vitest";
import type { SqlDatabase } from "../../src/server/stores/sqlite/driver.js";
import { gatherWrites } from "../../src/server/stores/sqlite/gathered.js";

/** Notes what it is told, and fails where it is asked to. */
function notingDatabase(fails: (command: string, nth: number) => boolean = () => false) {
  const commands: string[] = [];
  const database = {
    exec(command: string) {
      commands.push(command);
      const nth = commands.filter((one) => one === command).length;
      if (fails(command, nth)) throw new Error(`${command} failed`);
    },
  } as SqlDatabase;
  return { commands, database };
}

describe("writes that wait for SQLite", () => {
  test("share one transaction, and are acknowledged after its commit", async () => {
    const { commands, database } = notingDatabase();
    const { write } = gatherWrites(database, () => void commands.push("time"));
    const one = (name: string) =>
      write(() => void commands.push(name)).then(() => commands.push(`${name} acknowledged`));
    await Promise.all([one("a"), one("b"), one("c")]);
    expect(commands).toEqual([
      "BEGIN IMMEDIATE",
      "a",
      "b",
      "c",
      "time",
      "COMMIT",
      "a acknowledged",
      "b acknowledged",
      "c acknowledged",
    ]);
  });

  test("begin another one once they come later", async () => {
    const { commands, database } = notingDatabase();
    const { write } = gatherWrites(database, () => {});
    await write(() => 1);
    await write(() => 2);
    expect(commands).toEqual(["BEGIN IMMEDIATE", "COMMIT", "BEGIN IMMEDIATE", "COMMIT"]);
  });

  test("fail alone where one of them cannot be written", async () => {
    const { commands, database } = notingDatabase();
    const { write } = gatherWrites(database, () => {});
    const results = await Promise.allSettled([
      write(() => "a"),
      write(() => {
        throw new Error("this one");
      }),
      write(() => "c"),
    ]);
    expect(results).toMatchObject([
      { status: "fulfilled", value: "a" },
      { status: "rejected", reason: { message: "this one" } },
      { status: "fulfilled", value: "c" },
    ]);
    expect(commands.filter((command) => command === "COMMIT")).toHaveLength(2);
    expect(commands.filter((command) => command === "ROLLBACK")).toHaveLength(2);
  });

  test("are acknowledged one by one where their common commit fails", async () => {
    const { database } = notingDatabase((command, nth) => command === "COMMIT" && nth === 1);
    const { write } = gatherWrites(database, () => {});
    await expect(Promise.all([write(() => 1), write(() => 2)])).resolves.toEqual([1, 2]);
  });

  test("all fail at once where another process has the file", async () => {
    const { commands, database } = notingDatabase((command) => command === "BEGIN IMMEDIATE");
    const { write } = gatherWrites(database, () => {});
    const results = await Promise.allSettled([write(() => 1), write(() => 2), write(() => 3)]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(commands).toEqual(["BEGIN IMMEDIATE"]);
  });

  test("are done at once when the store closes", async () => {
    const { commands, database } = notingDatabase();
    const { write, flush } = gatherWrites(database, () => {});
    const written = write(() => 1);
    flush();
    expect(commands).toEqual(["BEGIN IMMEDIATE", "COMMIT"]);
    await expect(written).resolves.toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(commands).toHaveLength(2);
  });
});
