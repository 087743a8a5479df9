/** Members that markup could shadow, as the class has them. */
import { expect, test } from "vitest";
import { unshadowed } from "../../src/dom/unshadowed.js";

class Thing {
  #hidden = false;
  #focused: unknown = "body";
  get hidden(): boolean {
    return this.#hidden;
  }
  get focused(): unknown {
    return this.#focused;
  }
  set focused(value: unknown) {
    this.#focused = value;
  }
  name(): string {
    return this.#hidden ? "hidden" : "shown";
  }
}

/** As a document or a form is, once markup has taken the name of one of its members. */
function shadowed(name: string, value: unknown): Thing {
  const thing = new Thing();
  Object.defineProperty(thing, name, { value, configurable: true, writable: true });
  return thing;
}

const IMAGE = { nodeType: 1, localName: "img" };
/** In older browsers these two elements can be called. */
const CALLABLE = Object.assign(() => {}, { nodeType: 1, localName: "embed" });

test.each([
  ["an element", IMAGE],
  ["an element that can be called", CALLABLE],
])("%s does not stand for a member of the class", (_name, element) => {
  expect(unshadowed(shadowed("hidden", element)).hidden).toBe(false);
  expect(unshadowed(shadowed("focused", element)).focused).toBe("body");
  expect(unshadowed(shadowed("name", element)).name()).toBe("shown");
});

test("writes where the class does", () => {
  const thing = shadowed("focused", IMAGE);
  unshadowed(thing).focused = "field";
  expect(unshadowed(thing).focused).toBe("field");
  expect(Object.getOwnPropertyDescriptor(thing, "focused")?.value).toBe(IMAGE);
});

test("leaves alone what no markup can put there, such as a test's own value", () => {
  expect(unshadowed(shadowed("hidden", true)).hidden).toBe(true);
  expect(unshadowed(shadowed("name", () => "mine")).name()).toBe("mine");
});

test("leaves alone what the class does not have", () => {
  expect(Reflect.get(unshadowed(shadowed("extra", IMAGE)), "extra")).toBe(IMAGE);
});
