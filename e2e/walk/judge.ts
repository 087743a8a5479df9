/**
 * What a walk must hold, seen from outside: the server's audit trail, the person's input, what each page shows, what went
 * over the wire. A function of the observations; the walk's own tests plant faults in them.
 */

/** Milliseconds of the machine's clock, which is the server's too. */
export interface Observations {
  readonly records: readonly AuditRecord[];
  readonly inputs: readonly Input[];
  readonly samples: readonly Sample[];
  /** When a call of Curfew's went out, and how many tabs were open. */
  readonly requests: readonly { readonly at: number; readonly tabs: number }[];
  /** When network or server were not there. An `until` of infinity: still. */
  readonly outages: readonly { readonly from: number; readonly until: number }[];
  readonly errors: readonly string[];
}

export interface AuditRecord {
  readonly type: string;
  readonly sid?: string;
  readonly at: string;
  readonly lastActiveAt?: string;
  readonly endedAt?: string;
  readonly reason?: string;
}

/** Real input at some time in between, on a page. */
export interface Input {
  readonly from: number;
  readonly until: number;
  /** The page said that its session was active, and nothing was amiss. */
  readonly isHeard: boolean;
}

/** A page in sight, looked at in between. */
export interface Sample {
  readonly from: number;
  readonly until: number;
  readonly tab: string;
  /** Since when this page is there and in sight. */
  readonly since: number;
  readonly status: string;
  readonly isWordShown: boolean;
}

export interface Rules {
  readonly idle: number;
  readonly absolute: number;
  readonly heartbeat: number;
  /** How late a person may be told on this machine. */
  readonly late: number;
  /** How far the time of an input may be misjudged. */
  readonly claimError: number;
  /** How long after an outage everything is asked again. */
  readonly recovery: number;
}

interface Life {
  readonly sid: string;
  readonly startedAt: number;
  readonly renewals: readonly { readonly at: number; readonly lastActiveAt: number }[];
  readonly ended: { readonly at: number; readonly reason: string } | null;
}

const END_TYPES = ["session_expired", "session_logout", "session_revoked", "session_replaced"];

/** What was wrong, a sentence each; nothing where all is well. */
export function faultsIn(seen: Observations, rules: Rules): readonly string[] {
  const lives = livesIn(seen.records);
  return [
    ...seen.errors.map((message) => `a page threw: ${message}`),
    ...lives.flatMap((life) => extensionFaults(life, seen, rules)),
    ...lives.flatMap((life) => earlyEnds(life, seen, rules)),
    ...seen.samples.flatMap((sample) => pageFaults(sample, lives, seen, rules)),
    ...storms(seen, rules),
  ];
}

function livesIn(records: readonly AuditRecord[]): readonly Life[] {
  const of = (sid: string, type: string) =>
    records.filter((record) => record.sid === sid && record.type === type);
  return records
    .filter(({ type }) => type === "session_created")
    .map(({ sid = "", at }) => {
      const end = records.find((record) => record.sid === sid && END_TYPES.includes(record.type));
      return {
        sid,
        startedAt: Date.parse(at),
        renewals: of(sid, "session_renewed").map((record) => ({
          at: Date.parse(record.at),
          lastActiveAt: Date.parse(record.lastActiveAt ?? ""),
        })),
        ended:
          end === undefined
            ? null
            : { at: Date.parse(end.endedAt ?? end.at), reason: end.reason ?? end.type },
      };
    });
}

/** Nothing but real input extends. */
function extensionFaults(life: Life, { inputs }: Observations, { claimError }: Rules): readonly string[] {
  const isBacked = (activeAt: number) =>
    inputs.some(({ from, until }) => activeAt >= from - claimError && activeAt <= until + claimError);
  return life.renewals
    .filter(({ lastActiveAt }) => !isBacked(lastActiveAt))
    .map(
      ({ lastActiveAt }) =>
        `session ${life.sid} was extended by activity at ${lastActiveAt}, when nobody gave any input`,
    );
}

/** No session ends by time before its time, nor before the time that a person's input has given it. */
function earlyEnds(life: Life, { inputs, outages }: Observations, rules: Rules): readonly string[] {
  const { ended, sid } = life;
  if (ended === null || (ended.reason !== "idle" && ended.reason !== "absolute")) return [];
  const due = Math.min(idleEndOf(life, ended.at, rules), life.startedAt + rules.absolute);
  const faults = ended.at < due - 1 ? [`session ${sid} ended ${due - ended.at} ms before its time`] : [];
  if (ended.reason === "absolute") return faults;
  const margin = rules.heartbeat + rules.late + rules.recovery;
  const isUndisturbed = (at: number) =>
    outages.every(({ from, until }) => from > at + margin || until < at - margin);
  const unheard = inputs.find(
    ({ from, until, isHeard }) =>
      isHeard &&
      from >= life.startedAt &&
      until < ended.at - margin &&
      from - rules.claimError > ended.at - rules.idle &&
      isUndisturbed(from),
  );
  return unheard === undefined
    ? faults
    : [...faults, `session ${sid} ended at ${ended.at} although there was input at ${unheard.from}`];
}

function idleEndOf({ startedAt, renewals }: Life, now: number, { idle }: Rules): number {
  const active = renewals.filter(({ at }) => at <= now).map(({ lastActiveAt }) => lastActiveAt);
  return Math.max(startedAt, ...active) + idle;
}

/** When the browser's session, as it was at `at`, has ended or will; null before there was one. */
function endAsOf(lives: readonly Life[], at: number, rules: Rules) {
  const life = lives.filter(({ startedAt }) => startedAt <= at).at(-1);
  if (life === undefined) return null;
  const byTime = Math.min(idleEndOf(life, at, rules), life.startedAt + rules.absolute);
  const told = life.ended?.at ?? Number.POSITIVE_INFINITY;
  return { life, endsAt: Math.min(byTime, told), isByTime: byTime <= told };
}

/** A page in sight shows what the server says: nothing after the end, and everything while the session lives. */
function pageFaults(
  { tab, from, until, since, status, isWordShown }: Sample,
  lives: readonly Life[],
  { outages }: Observations,
  rules: Rules,
): readonly string[] {
  const [before, after] = [endAsOf(lives, from, rules), endAsOf(lives, until, rules)];
  // Somebody signed in, or the server heard of activity, while the page was looked at.
  if (before === null || after === null || before.life !== after.life) return [];
  const { endsAt, isByTime, life } = after;
  const settled = Math.max(since, life.startedAt);
  const isConnected = outages.every((outage) => outage.from > until || outage.until < from - rules.recovery);
  if (from > endsAt + rules.late && from > settled + rules.late && isWordShown && (isByTime || isConnected))
    return [`${tab} showed the protected word ${from - endsAt} ms after the end of session ${life.sid}`];
  if (!isConnected || from < settled + rules.late + rules.recovery) return [];
  const isOver = from > endsAt + rules.late;
  const isLive = until < endsAt - rules.late;
  const isIn = status === "active" || status === "warning";
  if (isOver && isIn) return [`${tab} said "${status}" ${from - endsAt} ms after the end`];
  if (isLive && !isIn) return [`${tab} said "${status}" while the server said active`];
  return isLive && !isWordShown ? [`${tab} stayed covered while the server said active`] : [];
}

const MINUTE = 60_000;

/** What one tab may ask in a minute at most: its heartbeats, and some questions. */
function storms({ requests }: Observations, { heartbeat }: Rules): readonly string[] {
  const most = 60 + (2 * MINUTE) / heartbeat;
  const minutes = new Map<number, { calls: number; tabs: number }>();
  for (const { at, tabs } of requests) {
    const minute = Math.floor(at / MINUTE);
    const { calls = 0, tabs: before = 1 } = minutes.get(minute) ?? {};
    minutes.set(minute, { calls: calls + 1, tabs: Math.max(before, tabs) });
  }
  return [...minutes.values()]
    .filter(({ calls, tabs }) => calls > most * tabs)
    .map(({ calls, tabs }) => `${tabs} tabs made ${calls} calls in a minute`);
}
