import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCalendar } from "../../src/server/stores/calendar.js";

describe("a calendar of what is due", () => {
  test("gives exactly the names whose time has come, whatever was moved or taken away before", () => {
    const name = fc.constantFrom("a", "b", "c", "d", "e", "f");
    const at = fc.option(fc.integer({ min: 0, max: 6_000 }), { nil: null });
    fc.assert(
      fc.property(fc.array(fc.tuple(name, at)), fc.integer({ min: 0, max: 6_000 }), (puts, now) => {
        const calendar = createCalendar();
        for (const [each, time] of puts) calendar.put(each, time);
        const due = [...new Map(puts)]
          .filter(([, time]) => time !== null && time <= now)
          .map(([each]) => each);
        expect(new Set(calendar.until(now))).toEqual(new Set(due));
      }),
    );
  });

  test("gives those of earlier seconds first", () => {
    const calendar = createCalendar();
    for (const [name, at] of [
      ["late", 9_000],
      ["early", 1_000],
      ["middle", 5_000],
    ] as const)
      calendar.put(name, at);
    expect([...calendar.until(10_000)]).toEqual(["early", "middle", "late"]);
  });

  test("may be changed while it is walked over", () => {
    const calendar = createCalendar();
    for (let at = 0; at < 100; at++) calendar.put(`name ${at}`, at * 100);
    for (const name of calendar.until(10_000)) calendar.put(name, null);
    expect([...calendar.until(10_000)]).toEqual([]);
    for (let at = 0; at < 100; at++) calendar.put(`name ${at}`, at * 100);
    for (const name of calendar.until(10_000)) calendar.put(name, 20_000);
    expect([...calendar.until(10_000)]).toEqual([]);
    expect([...calendar.until(20_000)]).toHaveLength(100);
  });
});
