/** What a page leaves behind for the next one. */
import { expect, it } from "vitest";
import { createUnreported } from "../../src/browser/unreported.js";

function storageWith(values: Record<string, string> = {}) {
  const map = new Map(Object.entries(values));
  return {
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
    removeItem: (key: string) => void map.delete(key),
  };
}

it("hands the latest activity of a session over, once", () => {
  const unreported = createUnreported(storageWith);
  const storage = storageWith();
  const kept = createUnreported(() => storage);
  kept.write("curfew", { sid: "a", activeAt: 7 });
  kept.write("curfew", { sid: "a", activeAt: 5 });
  expect([kept.take("other", "a"), kept.take("curfew", "b"), kept.take("curfew", "a")]).toEqual([
    null,
    null,
    7,
  ]);
  expect(kept.take("curfew", "a")).toBeNull();
  expect(unreported.take("curfew", "a")).toBeNull();
});

it.each(["nonsense", "null", '{"sid":"a"}', '{"sid":"a","activeAt":"7"}', '{"sid":"a","activeAt":1.5}'])(
  "takes %s for nothing",
  (text) => {
    expect(
      createUnreported(() => storageWith({ "curfew:curfew:unreported": text })).take("curfew", "a"),
    ).toBeNull();
  },
);

it("bears a browser that refuses its storage", () => {
  const refused = createUnreported(() => {
    throw new DOMException("refused", "SecurityError");
  });
  expect(() => refused.write("curfew", { sid: "a", activeAt: 1 })).not.toThrow();
  expect(refused.take("curfew", "a")).toBeNull();
});
