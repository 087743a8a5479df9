/** The sessions of a walk as the audit trail tells them, and when each of them has ended or will. */

/** Milliseconds of the machine's clock, which is the server's too. */
export interface AuditRecord {
  readonly type: string;
  readonly sid?: string;
  readonly at: string;
  readonly lastActiveAt?: string;
  readonly endedAt?: string;
  readonly reason?: string;
}

/** A sign-in, as it went to the server. */
export interface SignIn {
  readonly at: number;
  readonly browser: string;
}

export interface Renewal {
  readonly at: number;
  readonly lastActiveAt: number;
}

export interface Life {
  readonly sid: string;
  /** Empty where nobody had asked for it. */
  readonly browser: string;
  readonly startedAt: number;
  readonly renewals: readonly Renewal[];
  readonly ended: { readonly at: number; readonly type: string; readonly reason: string } | null;
}

export interface Limits {
  readonly idle: number;
  readonly absolute: number;
}

const END_TYPES = ["session_expired", "session_logout", "session_revoked", "session_replaced"];

export function livesIn(records: readonly AuditRecord[], signIns: readonly SignIn[]): readonly Life[] {
  const of = (sid: string) => records.filter((record) => record.sid === sid);
  return records
    .filter(({ type }) => type === "session_created")
    .map(({ sid = "", at }) => ({
      sid,
      browser: signIns.filter((signIn) => signIn.at <= Date.parse(at)).at(-1)?.browser ?? "",
      startedAt: Date.parse(at),
      renewals: of(sid)
        .filter(({ type }) => type === "session_renewed")
        .map((record) => ({
          at: Date.parse(record.at),
          lastActiveAt: Date.parse(record.lastActiveAt ?? ""),
        })),
      ended: endIn(of(sid)),
    }));
}

function endIn(records: readonly AuditRecord[]): Life["ended"] {
  const end = records.find(({ type }) => END_TYPES.includes(type));
  if (end === undefined) return null;
  return { at: Date.parse(end.endedAt ?? end.at), type: end.type, reason: end.reason ?? end.type };
}

/** When time ends the session, by what the server had heard until `at`. */
export function dueOf({ startedAt, renewals }: Life, at: number, { idle, absolute }: Limits): number {
  const active = renewals.filter((renewal) => renewal.at <= at).map(({ lastActiveAt }) => lastActiveAt);
  return Math.min(Math.max(startedAt, ...active) + idle, startedAt + absolute);
}

/** When a browser's session, as it was at `at`, has ended or will; null before there was one. */
export function endAsOf(lives: readonly Life[], at: number, limits: Limits) {
  const life = lives.filter(({ startedAt }) => startedAt <= at).at(-1);
  if (life === undefined) return null;
  const byTime = dueOf(life, at, limits);
  const told = life.ended?.at ?? Number.POSITIVE_INFINITY;
  return { life, endsAt: Math.min(byTime, told), isByTime: byTime <= told };
}
