/** Tampering of every kind is found, located and named; an honest log never is. */
import { expect, test } from "vitest";
import type { LogFaultKind } from "../../src/evidence/log-verdict.js";
import {
  LOG_KEY,
  linesOf,
  type MemoryLog,
  ORIGIN,
  signedLogOf,
  signingKey,
  verdictOn,
  WITNESSED_AT,
} from "./log.js";

const SIZES = [10, 20, 30];
const HONEST = signedLogOf(linesOf(30), SIZES, { witnessed: [20] });

test("an honest log is whole: so many records, signed up to here, vouched for up to there", async () => {
  expect(await verdictOn(HONEST)).toEqual({
    fault: null,
    size: 30,
    signedSize: 30,
    anchoredSize: 20,
    witnessedAt: WITNESSED_AT * 1_000,
    stampedAt: null,
    stampedWithin: null,
    notedSize: 0,
    isTorn: false,
    pruned: 0,
  });
});

test("an empty log, and one that nobody has signed yet, are whole and not signed", async () => {
  expect(await verdictOn(signedLogOf([], []))).toMatchObject({ fault: null, size: 0, signedSize: 0 });
  expect(await verdictOn(signedLogOf([], [0]))).toMatchObject({ fault: null, size: 0, signedSize: 0 });
  expect(await verdictOn(signedLogOf(linesOf(3), []))).toMatchObject({ fault: null, size: 3, signedSize: 0 });
});

test("a silence that is signed again is no fault", async () => {
  const again = { ...HONEST, checkpoints: [...HONEST.checkpoints, ...HONEST.checkpoints.slice(-1)] };
  expect(await verdictOn(again)).toMatchObject({ fault: null, signedSize: 30 });
});

test("records that came after the last checkpoint, and a line that a killed process left, are told and are no fault", async () => {
  const log = signedLogOf(linesOf(33), SIZES);
  expect(await verdictOn(log)).toMatchObject({ fault: null, size: 33, signedSize: 30, isTorn: false });
  const torn = { ...log, lines: log.lines.with(-1, Buffer.from('{"v":1,"se')), isTorn: true };
  expect(await verdictOn(torn)).toMatchObject({ fault: null, size: 33, signedSize: 30, isTorn: true });
});

test("a witness that the reader does not know vouches for nothing", async () => {
  expect(await verdictOn(HONEST, { witnesses: [] })).toMatchObject({ fault: null, anchoredSize: 0 });
});

/** A line that is as long, with another end. */
const forged = (log: MemoryLog, at: number) => {
  const line = log.lines[at] ?? new Uint8Array();
  return line.with(line.length - 3, (line[line.length - 3] ?? 0) ^ 1);
};

const TAMPERED: readonly (readonly [
  string,
  (log: MemoryLog, at: number) => readonly Uint8Array[],
  LogFaultKind,
  number,
])[] = [
  ["a record altered", (log, at) => log.lines.with(at, forged(log, at)), "altered", 0],
  ["a record dropped", (log, at) => log.lines.toSpliced(at, 1), "removed", 0],
  ["two records dropped", (log, at) => log.lines.toSpliced(at, 2), "removed", 0],
  ["a record put in", (log, at) => log.lines.toSpliced(at, 0, Buffer.from("{}")), "inserted", 0],
  [
    "a record doubled",
    (log, at) => log.lines.toSpliced(at, 0, log.lines[at] ?? Buffer.from("")),
    "inserted",
    1,
  ],
  [
    "two records swapped",
    (log, at) =>
      log.lines.with(at, log.lines[at + 1] ?? Buffer.from("")).with(at + 1, log.lines[at] ?? Buffer.from("")),
    "reordered",
    0,
  ],
];

test.each(TAMPERED)("%s: found, in its place, and named", async (_what, change, kind, offset) => {
  for (const at of [0, 1, 8, 9, 10, 15, 18, 19, 25, 27]) {
    const { fault } = await verdictOn({ ...HONEST, lines: change(HONEST, at) });
    expect([at, fault?.kind, fault?.seq, fault?.upTo]).toEqual([at, kind, at + offset, undefined]);
  }
});

test.each(TAMPERED)(
  "%s: named just so where heads were kept elsewhere",
  async (_what, change, kind, offset) => {
    const kept = signedLogOf(linesOf(30), [5, 10, 16, 20, 30]).checkpoints;
    for (const at of [0, 1, 8, 9, 10, 15, 18, 19, 25, 27])
      for (const heads of [kept, kept.slice(-1), kept.slice(2, 3)]) {
        const { fault } = await verdictOn({ ...HONEST, lines: change(HONEST, at) }, { heads });
        expect([at, fault?.kind, fault?.seq, fault?.upTo]).toEqual([at, kind, at + offset, undefined]);
      }
  },
);

test.each(TAMPERED)(
  "%s, and the hashes beside the lines too: found and named",
  async (_what, change, kind) => {
    for (const at of [0, 12, 27]) {
      const lines = change(HONEST, at);
      const { hashes } = signedLogOf(lines, []);
      const { fault } = await verdictOn({ ...HONEST, lines, hashes });
      expect([at, fault === null]).toEqual([at, false]);
      // A line that gives itself no number is no more than another line.
      expect(kind === "inserted" ? ["inserted", "altered"] : [kind]).toContain(fault?.kind);
      expect(fault?.seq ?? 99).toBeLessThanOrEqual(at + 1);
      expect(fault?.upTo ?? 99).toBeGreaterThanOrEqual(at);
    }
  },
);

/** More by hand, for half an hour: `CURFEW_RECORDS=1000 npx vitest run test/evidence/verify-log --testTimeout 9000000`. */
const RECORDS = Number(process.env.CURFEW_RECORDS ?? 12);

test("each byte of a log's lines, changed in turn: altered, in that record", async () => {
  const log = signedLogOf(linesOf(RECORDS), [RECORDS / 3, (2 * RECORDS) / 3, RECORDS].map(Math.floor));
  for (const [at, line] of log.lines.entries())
    for (const [place, byte] of line.entries()) {
      const lines = log.lines.with(at, line.with(place, byte ^ 0x20));
      const { fault } = await verdictOn({ ...log, lines });
      expect([at, place, fault?.kind, fault?.seq]).toEqual([at, place, "altered", at]);
    }
});

test("a tail that was cut is found by the checkpoint that speaks of it", async () => {
  for (const size of [0, 5, 20, 29]) {
    const { fault } = await verdictOn({ ...HONEST, lines: HONEST.lines.slice(0, size) });
    expect([fault?.kind, fault?.seq]).toEqual(["truncated", size]);
  }
});

test("a tail that was cut together with its checkpoints is found by a head that was kept elsewhere, and by it alone", async () => {
  const cut = {
    lines: HONEST.lines.slice(0, 20),
    hashes: HONEST.hashes.slice(0, 20),
    checkpoints: HONEST.checkpoints.slice(0, 2),
  };
  expect(await verdictOn(cut)).toMatchObject({ fault: null, signedSize: 20 });
  const { fault } = await verdictOn(cut, { heads: HONEST.checkpoints.slice(-1) });
  expect([fault?.kind, fault?.seq]).toEqual(["truncated", 20]);
});

test("a head that was kept elsewhere vouches for the records that it covers", async () => {
  expect(await verdictOn(HONEST, { heads: HONEST.checkpoints })).toMatchObject({
    fault: null,
    anchoredSize: 30,
  });
});

test("a log that was changed and signed anew with its own key is found by a head that was kept elsewhere", async () => {
  const anew = signedLogOf(HONEST.lines.with(12, forged(HONEST, 12)), SIZES);
  expect(await verdictOn(anew)).toMatchObject({ fault: null });
  const { fault } = await verdictOn(anew, { heads: HONEST.checkpoints });
  expect([fault?.kind, fault?.seq, fault?.upTo]).toEqual(["forked", 10, 19]);
});

test("a log that was signed anew with another key is re-keyed, also where the key bears the same name", async () => {
  const anew = signedLogOf(HONEST.lines, SIZES, { by: signingKey(ORIGIN) });
  expect((await verdictOn(anew)).fault?.kind).toBe("re-keyed");
});

test("two checkpoints of one size with two roots are a fork", async () => {
  const other = signedLogOf(HONEST.lines.with(19, forged(HONEST, 19)), SIZES);
  const checkpoints = HONEST.checkpoints.toSpliced(2, 0, other.checkpoints[1] ?? "");
  expect((await verdictOn({ ...HONEST, checkpoints })).fault?.kind).toBe("forked");
});

test("checkpoints in another order are told", async () => {
  const checkpoints = HONEST.checkpoints.toReversed();
  expect((await verdictOn({ ...HONEST, checkpoints })).fault?.kind).toBe("reordered");
});

test("each byte of a checkpoint, changed in turn, is a fault", async () => {
  const note = Buffer.from(HONEST.checkpoints[2] ?? "");
  for (const [place, byte] of note.entries()) {
    const changed = Buffer.from(note.with(place, byte ^ 1)).toString("utf8");
    const { fault } = await verdictOn({ ...HONEST, checkpoints: HONEST.checkpoints.with(2, changed) });
    expect([place, fault === null]).toEqual([place, false]);
  }
});

test("a checkpoint of another log is none of this one's", async () => {
  const { fault } = await verdictOn(HONEST, { keys: [{ ...LOG_KEY.key, name: "log.example/other" }] });
  expect(fault?.kind).toBe("re-keyed");
});

test("a line without its end among what was signed is torn", async () => {
  expect((await verdictOn({ ...HONEST, isTorn: true })).fault).toMatchObject({ kind: "torn", seq: 29 });
});

test("a record out of turn among those that no checkpoint covers is told", async () => {
  const log = signedLogOf(linesOf(35), SIZES);
  const dropped = { ...log, lines: log.lines.toSpliced(32, 1) };
  expect((await verdictOn(dropped)).fault).toMatchObject({ kind: "removed", seq: 32 });
});
