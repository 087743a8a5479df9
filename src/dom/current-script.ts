/** The script that runs now, for what is written on its own element. */

/** By the class's own getter, for `<img name="currentScript">` would pass itself off for it. Null in a module and in a callback. */
export function currentScript(): HTMLOrSVGScriptElement | null {
  return Reflect.get(Document.prototype, "currentScript", document);
}
