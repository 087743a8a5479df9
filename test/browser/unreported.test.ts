/** What a page leaves behind for the next one. */
import { expect, test } from "vitest";
import { createUnreported } from "../../src/browser/input/carried-over.js";

function storageWith(values: Record<string, string> = {}) {
  const map = new Map(Object.entries(values));
  return {
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
    removeItem: (key: string) => void map.delete(key),
  };
}

test("hands the latest activity of a session over, once", () => {
  const unreported = createUnreported(storageWith);
  const storage = storageWith();
  const kept = createUnreported(() => storage);
  kept.write("curfew", { sid: "a", activeAt: 7, beatAt: 3 });
  kept.write("curfew", { sid: "a", activeAt: 5, beatAt: 4 });
  expect([kept.take("other", "a"), kept.take("curfew", "b"), kept.take("curfew", "a")]).toEqual([
    null,
    null,
    { sid: "a", activeAt: 7, beatAt: 4 },
  ]);
  expect(kept.take("curfew", "a")).toBeNull();
  expect(unreported.take("curfew", "a")).toBeNull();
});

test.each([
  "nonsense",
  "null",
  '{"sid":"a"}',
  '{"sid":"a","activeAt":"7"}',
  '{"sid":"a","activeAt":1.5,"beatAt":0}',
  '{"sid":"a","activeAt":1}',
])("takes %s for nothing", (text) => {
  expect(
    createUnreported(() => storageWith({ "curfew:curfew:unreported": text })).take("curfew", "a"),
  ).toBeNull();
});

test("bears a browser that refuses its storage", () => {
  const refused = createUnreported(() => {
    throw new DOMException("refused", "SecurityError");
  });
  expect(() => refused.write("curfew", { sid: "a", activeAt: 1, beatAt: 0 })).not.toThrow();
  expect(refused.take("curfew", "a")).toBeNull();
});

test("keeps activity of a page that never learnt its session apart from a session's own", () => {
  const storage = storageWith();
  const kept = createUnreported(() => storage);
  kept.write("curfew", { sid: null, activeAt: 9, beatAt: 0 });
  expect(kept.take("curfew", "a")).toBeNull();
  expect(kept.take("curfew", null)).toEqual({ sid: null, activeAt: 9, beatAt: 0 });
});

test("forgets whosever activity it is", () => {
  const storage = storageWith();
  const kept = createUnreported(() => storage);
  kept.write("curfew", { sid: "a", activeAt: 9, beatAt: 0 });
  kept.forget("other");
  expect(storage.getItem("curfew:curfew:unreported")).not.toBeNull();
  kept.forget("curfew");
  expect(storage.getItem("curfew:curfew:unreported")).toBeNull();
});
