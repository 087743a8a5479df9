/** Whether a person has pressed. A script's click is none, and neither keeps a session nor ends it. */

export function isGesture(event: Event): boolean {
  return event.isTrusted || navigator.userActivation?.isActive === true;
}
