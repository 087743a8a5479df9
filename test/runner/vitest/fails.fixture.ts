import { beforeAll, describe, expect, test } from "vitest";

test("adds up", () => {
  expect(1).toBe(2);
});

test("tells what came before it", () => {
  throw new Error("the program said:\nno such port\nand ended");
});

describe("a suite whose hook fails", () => {
  beforeAll(() => {
    throw new Error("the hook failed");
  });

  test("does not run", () => {
    expect(1).toBe(1);
  });
});
