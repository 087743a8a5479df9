import { describe, expect, test } from "vitest";
import { remembering } from "../../src/server/platform/recent.js";

/** Reads a text in capitals, and notes what it was asked to read. */
function reader(capacity: number, longest?: number) {
  const asked: string[] = [];
  const read = (text: string) => {
    asked.push(text);
    return text.toUpperCase();
  };
  return { asked, kept: remembering(capacity, read, longest) };
}

describe("what was made of a text", () => {
  test("is made once, null too", () => {
    const { asked, kept } = reader(10);
    expect([kept("a"), kept("a")]).toEqual(["A", "A"]);
    expect(asked).toEqual(["a"]);
    let times = 0;
    const nothing = remembering(10, () => {
      times++;
      return null;
    });
    expect([nothing("a"), nothing("a"), times]).toEqual([null, null, 1]);
  });

  test("is forgotten where more has come since than is kept", () => {
    const { asked, kept } = reader(2);
    for (const text of ["a", "b", "c", "a"]) kept(text);
    expect(asked).toEqual(["a", "b", "c", "a"]);
  });

  test("is not kept of a long text, for whoever sends it chooses how long it is", () => {
    const { asked, kept } = reader(10, 3);
    for (const text of ["long", "long", "ABC", "ABC"]) kept(text);
    expect(asked).toEqual(["long", "long", "ABC"]);
  });

  test("is not kept where it could not be made", () => {
    const kept = remembering(10, (): string => {
      throw new Error("no");
    });
    expect(() => kept("a")).toThrow("no");
    expect(() => kept("a")).toThrow("no");
  });
});
