/** Members that markup cannot shadow: after `<img name="hidden">` that image is `document.hidden`, and `<input name="focus">` is its form's `focus`. */

/**
 * A view of a document or an element whose members are its class's own wherever markup could stand in their place.
 * https://html.spec.whatwg.org/#dom-document-nameditem, https://html.spec.whatwg.org/#dom-form-nameditem
 */
export function unshadowed<Target extends object>(target: Target): Target {
  const members: object = Object.getPrototypeOf(target);
  return new Proxy(target, {
    get(_target, name) {
      const found: unknown = Reflect.get(target, name);
      const value = isMarkup(found) && name in members ? Reflect.get(members, name, target) : found;
      return typeof value === "function" ? value.bind(target) : value;
    },
    set: (_target, name, value) => Reflect.set(name in members ? members : target, name, value, target),
  });
}

/** Markup puts elements there, lists of them, and windows. In older browsers `<embed>` and `<object>` can be called. */
function isMarkup(value: unknown): boolean {
  return typeof value === "function" ? "nodeType" in value : Object(value) === value;
}
