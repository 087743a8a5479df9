/** What an alert's receiver must still be told of: one record an app, beside the subjects' records. */

export interface WaitingAlert {
  /** The same at each try: by it the receiver leaves out what it has had. */
  readonly id: string;
  readonly rule: string;
  /** The session in which it was seen, and its person's pseudonym; absent where it concerns the app as a whole. */
  readonly of?: { readonly sid: string; readonly pseudonym: string };
  /** What is posted, the same at each try. */
  readonly body: string;
  /** When it was written here. Instants are server milliseconds. */
  readonly since: number;
  /** How often it was tried in vain. */
  readonly attempts: number;
  /** When it is tried next. A node that tries it moves this on first, so that no other one does meanwhile. */
  readonly nextAt: number;
}

/** Under a name that no app can have. */
export function alertsOf(app: string): { readonly app: string; readonly subject: string } {
  return { app: `${app}:alerts`, subject: "alerts" };
}
