/**
 * What a walk must hold, seen from outside: the server's audit trail, the person's input, what each page shows, what went
 * over the wire. A function of the observations; the walk's own tests plant faults in them.
 */
import { type AuditRecord, dueOf, endAsOf, type Life, type Limits, livesIn, type SignIn } from "./lives.js";

export type { AuditRecord } from "./lives.js";

/** Milliseconds of the machine's clock, which is the server's too. */
export interface Observations {
  readonly records: readonly AuditRecord[];
  readonly signIns: readonly SignIn[];
  /** What ends a session before its time, from its beginning until it is done. */
  readonly acts: readonly { readonly type: string; readonly from: number; readonly until: number }[];
  readonly inputs: readonly Input[];
  readonly samples: readonly Sample[];
  /** When a call of Curfew's went out, and how many tabs its browser had. */
  readonly requests: readonly { readonly at: number; readonly browser: string; readonly tabs: number }[];
  readonly outages: readonly Outage[];
  /** What pages and server should never say, a sentence each. */
  readonly errors: readonly string[];
}

/** When network or server were not there, for one browser or for all. An `until` of infinity: still. */
export interface Outage {
  readonly from: number;
  readonly until: number;
  readonly browser?: string;
}

/** Real input at some time in between, on a page. */
export interface Input {
  readonly from: number;
  readonly until: number;
  readonly browser: string;
  /** The page said that its session was active, and nothing was amiss. */
  readonly isHeard: boolean;
}

/** A page in sight, looked at in between. */
export interface Sample {
  readonly from: number;
  readonly until: number;
  readonly browser: string;
  readonly tab: string;
  /** Since when this page is there and in sight. */
  readonly since: number;
  readonly status: string;
  /** Until when the page takes its session to live; null where it knows of none. */
  readonly expiresAt: number | null;
  readonly isWordShown: boolean;
}

export interface Rules extends Limits {
  readonly heartbeat: number;
  /** How late a person may be told on this machine. */
  readonly late: number;
  /** How far the time of an input may be misjudged. */
  readonly claimError: number;
  /** How long after an outage everything is asked again. */
  readonly recovery: number;
}

/** What was wrong, a sentence each; nothing where all is well. */
export function faultsIn(seen: Observations, rules: Rules): readonly string[] {
  const lives = livesIn(seen.records, seen.signIns);
  return [
    ...seen.errors,
    ...lives.flatMap((life) => extensionFaults(life, seen, rules)),
    ...lives.flatMap((life) => endFaults(life, seen, rules)),
    ...lives.flatMap((life) => unheardInputs(life, seen, rules)),
    ...seen.samples.flatMap((sample) => pageFaults(sample, lives, seen, rules)),
    ...storms(seen, rules),
  ];
}

/** Nothing but real input in its own browser extends, and nothing revives. */
function extensionFaults(life: Life, { inputs }: Observations, rules: Rules): readonly string[] {
  const { sid, browser, renewals } = life;
  const isBacked = (activeAt: number) =>
    inputs.some(
      (input) =>
        input.browser === browser &&
        activeAt >= input.from - rules.claimError &&
        activeAt <= input.until + rules.claimError,
    );
  return renewals.flatMap(({ at, lastActiveAt }) => {
    const due = dueOf(life, at - 1, rules);
    if (at >= due) return [`session ${sid} was extended ${at - due} ms after its end`];
    if (isBacked(lastActiveAt)) return [];
    return [`session ${sid} was extended by activity at ${lastActiveAt}, when nobody gave any input`];
  });
}

/** A session that somebody has asked for ends at its time, or because somebody ended it. */
function endFaults(life: Life, { acts, signIns }: Observations, rules: Rules): readonly string[] {
  const { ended, sid, browser } = life;
  if (browser === "") return [`session ${sid} began, and nobody had signed in`];
  if (ended === null) return [];
  const due = dueOf(life, ended.at, rules);
  if (ended.type === "session_expired") {
    if (ended.at < due - 1) return [`session ${sid} ended ${due - ended.at} ms before its time`];
    return ended.at > due + 1 ? [`session ${sid} ended ${ended.at - due} ms after its time`] : [];
  }
  const isBacked =
    ended.type === "session_replaced"
      ? signIns.some(
          (signIn) => signIn.browser === browser && isAround(ended.at, signIn.at, signIn.at, rules),
        )
      : acts.some(({ type, from, until }) => type === ended.type && isAround(ended.at, from, until, rules));
  return isBacked ? [] : [`session ${sid} ended by ${ended.type}, and nobody had asked for that`];
}

function isAround(at: number, from: number, until: number, { recovery }: Rules): boolean {
  return at >= from && at <= until + recovery;
}

/** No session ends before the time that a person's input has given it. */
function unheardInputs({ ended, sid, startedAt, browser }: Life, seen: Observations, rules: Rules) {
  if (ended?.reason !== "idle") return [];
  const margin = rules.heartbeat + rules.late;
  const isUndisturbed = (at: number) =>
    outagesOf(browser, seen).every(({ from, until }) => from > at + margin || until < at - rules.recovery);
  const unheard = seen.inputs.find(
    (input) =>
      input.browser === browser &&
      input.isHeard &&
      input.from >= startedAt &&
      input.until < ended.at - margin &&
      input.from - rules.claimError > ended.at - rules.idle &&
      isUndisturbed(input.from),
  );
  return unheard === undefined
    ? []
    : [`session ${sid} ended at ${ended.at} although there was input at ${unheard.from}`];
}

const outagesOf = (browser: string, { outages }: Observations) =>
  outages.filter((outage) => outage.browser === undefined || outage.browser === browser);

/** A page in sight shows what the server says: nothing after the end, and everything while the session lives. */
function pageFaults(
  sample: Sample,
  all: readonly Life[],
  seen: Observations,
  rules: Rules,
): readonly string[] {
  const { tab, browser, from, until, since, status, isWordShown } = sample;
  const lives = all.filter((life) => life.browser === browser);
  const [before, after] = [endAsOf(lives, from, rules), endAsOf(lives, until, rules)];
  // Somebody signed in while the page was looked at.
  if (before === null || after === null || before.life !== after.life) return [];
  const { endsAt, isByTime, life } = after;
  // What a page says, it may have heard this long ago.
  if (from < Math.max(since, life.startedAt) + rules.late) return [];
  const isConnected = outagesOf(browser, seen).every(
    (outage) => outage.from > until || outage.until < from - rules.recovery,
  );
  const isOver = from > endsAt + rules.late;
  if (isOver && isWordShown && (isByTime || isConnected))
    return [`${tab} showed the protected word ${from - endsAt} ms after the end of session ${life.sid}`];
  if (!isConnected) return [];
  const isIn = status === "active" || status === "warning";
  if (isOver && isIn) return [`${tab} said "${status}" ${from - endsAt} ms after the end`];
  if (isOver || until >= endsAt - rules.late) return [];
  if (!isIn) return [`${tab} said "${status}" while the server said active`];
  if (!isWordShown) return [`${tab} stayed covered while the server said active`];
  return deadlineFaults(sample, life, rules);
}

/** A page knows the deadline that the server had told of not long before. */
function deadlineFaults(
  { tab, from, until, expiresAt }: Sample,
  life: Life,
  rules: Rules,
): readonly string[] {
  const first = from - rules.late;
  const changes = life.renewals.map(({ at }) => at).filter((at) => at > first && at <= until);
  const told = [first, ...changes].map((at) => dueOf(life, at, rules));
  if (expiresAt === null || told.some((due) => Math.abs(due - expiresAt) <= 1)) return [];
  return [`${tab} said that its session lasts until ${expiresAt}, and the server says ${told.at(-1)}`];
}

/** The stretch that is looked at, and how many calls a browser and each of its tabs may make in it. */
const STRETCH = 10_000;
const MOST_OF_BROWSER = 40;
const MOST_OF_TAB = 20;

/** Heartbeats are a browser's, one at a time; questions are a tab's. */
function storms({ requests }: Observations, { heartbeat }: Rules): readonly string[] {
  const faults = new Map<string, string>();
  for (const browser of new Set(requests.map((request) => request.browser))) {
    const all = requests.filter((request) => request.browser === browser);
    let first = 0;
    for (const [last, { at, tabs }] of all.entries()) {
      while ((all[first]?.at ?? at) <= at - STRETCH) first++;
      const calls = last - first + 1;
      if (calls > (2 * STRETCH) / heartbeat + MOST_OF_BROWSER + tabs * MOST_OF_TAB)
        faults.set(browser, `${browser} made ${calls} calls in ten seconds, with ${tabs} tabs`);
    }
  }
  return [...faults.values()];
}
