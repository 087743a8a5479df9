/** The queue before a sink: order, bounds, marks of what is lost, and 503 where nothing may be lost. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AuditRecord } from "../../src/server/audit/audit-record.js";
import { BatchRefusedError, type QueuedSink, queued } from "../../src/server/audit/sinks/queue.js";
import { auditFault } from "./support/audit-schema.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function record(seq: number): AuditRecord {
  return { v: 1, seq, at: "2026-01-01T00:00:00.000Z", type: "session_denied", app: "app", policy: "p" };
}

/** A receiver that is away until it is said to be there. */
function receiver({ capacity = 10, batch = 4, whenLost = "continue" as "continue" | "refuse" } = {}) {
  const taken: AuditRecord[] = [];
  const batches: number[] = [];
  const troubles: string[] = [];
  const state = { away: false, refused: (_record: AuditRecord) => false };
  const sink: QueuedSink = queued(
    {
      name: "the receiver",
      batch,
      async send(records) {
        batches.push(records.length);
        if (state.away) throw new Error("away");
        if (records.some(state.refused)) throw new BatchRefusedError("it answered 400");
        taken.push(...records);
      },
    },
    { capacity, whenLost },
  );
  sink.onTrouble?.((trouble) => troubles.push(String(trouble)));
  return { sink, state, taken, batches, troubles };
}

const seqs = (records: readonly AuditRecord[]) => records.map(({ seq, type }) => seq ?? type);

test("records come in their order, in batches, and a receiver that is away is told of once and gets them later", async () => {
  const { sink, state, taken, batches, troubles } = receiver();
  state.away = true;
  for (let seq = 0; seq < 9; seq++) sink.write(record(seq));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(taken).toEqual([]);
  expect(troubles).toEqual([expect.stringMatching(/the receiver takes no records: away\. They wait/)]);
  state.away = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(seqs(taken)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(Math.max(...batches)).toBe(4);
  expect(troubles).toHaveLength(1);
});

test("what finds no room is marked with its numbers, in its place, and no memory is taken for it", async () => {
  const { sink, state, taken, troubles } = receiver();
  state.away = true;
  for (let seq = 0; seq < 50; seq++) sink.write(record(seq));
  await vi.advanceTimersByTimeAsync(1_000);
  state.away = false;
  await vi.advanceTimersByTimeAsync(60_000);
  sink.write(record(50));
  await sink.flush();
  expect(seqs(taken)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, "audit_gap", 50]);
  expect(taken[10]).toMatchObject({ type: "audit_gap", count: 40, firstSeq: 10, lastSeq: 49 });
  expect(auditFault(taken[10] ?? {})).toBeNull();
  expect(troubles.filter((text) => text.includes("10 wait for it: what follows is lost"))).toHaveLength(1);
});

test("the mark comes also where no further record does", async () => {
  const { sink, state, taken } = receiver();
  state.away = true;
  for (let seq = 0; seq < 12; seq++) sink.write(record(seq));
  state.away = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(seqs(taken).at(-1)).toBe("audit_gap");
});

test("a record that is refused for what it is holds up no other, and is marked", async () => {
  const { sink, state, taken, troubles } = receiver();
  state.refused = ({ seq }) => seq === 2;
  for (let seq = 0; seq < 6; seq++) sink.write(record(seq));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(seqs(taken)).toEqual([0, 1, 3, 4, 5, "audit_gap"]);
  expect(taken.at(-1)).toMatchObject({ count: 1, firstSeq: 2, lastSeq: 2 });
  expect(troubles).toEqual([expect.stringMatching(/refuses a record, which is left out \(session_denied\)/)]);
});

test("a receiver that refuses everything is told of once, and is not asked again for ever", async () => {
  const { sink, state, batches, troubles } = receiver();
  state.refused = () => true;
  for (let seq = 0; seq < 6; seq++) sink.write(record(seq));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(batches.length).toBeLessThan(20);
  expect(troubles).toHaveLength(1);
  state.refused = () => false;
  sink.write(record(6));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(troubles).toHaveLength(1);
});

test("where nothing may be lost the sink says so before it is full, until there is room", async () => {
  const { sink, state } = receiver({ whenLost: "refuse" });
  state.away = true;
  for (let seq = 0; seq < 8; seq++) sink.write(record(seq));
  expect(sink.isRefusing?.()).toBe(false);
  sink.write(record(8));
  expect(sink.isRefusing?.()).toBe(true);
  state.away = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sink.isRefusing?.()).toBe(false);
});

test("a close waits for what is left, and no longer than 5 s for a receiver that is away", async () => {
  const there = receiver();
  for (let seq = 0; seq < 9; seq++) there.sink.write(record(seq));
  await there.sink.close();
  expect(there.taken).toHaveLength(9);
  const away = receiver();
  away.state.away = true;
  for (let seq = 0; seq < 12; seq++) away.sink.write(record(seq));
  const closing = away.sink.close();
  await vi.advanceTimersByTimeAsync(6_000);
  await closing;
  expect(away.troubles.at(-1)).toMatch(/12 audit records were not taken by the receiver before the end/);
});
