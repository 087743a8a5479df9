/** What the browser itself says of an event: read by the class's own getters, which no plain object, copy or Proxy gets past. */

/** On each event of today's browsers, as https://webidl.spec.whatwg.org/#LegacyUnforgeable asks; on the class in some test environments. */
const descriptor =
  Object.getOwnPropertyDescriptor(new Event(""), "isTrusted") ??
  Object.getOwnPropertyDescriptor(Event.prototype, "isTrusted");

function isTrusted(event: unknown): boolean {
  try {
    return descriptor?.get?.call(event) === true;
  } catch {
    return false;
  }
}

export interface TrustedEvent {
  readonly type: string;
  /** On the clock of the window in which it happened. */
  readonly timeStamp: number;
  readonly view: Window | null | undefined;
}

/** What is to be known of an event that the browser made; null for anything else. */
export function trustedEvent(event: unknown): TrustedEvent | null {
  if (!isTrusted(event)) return null;
  const { view } = event as UIEvent;
  const member = (name: string) => Reflect.get(Event.prototype, name, event as Event);
  return { type: member("type"), timeStamp: member("timeStamp"), view };
}
