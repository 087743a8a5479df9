/** The warning and the heartbeat that go with an idle timeout, and the bounds that all four numbers keep. */
import { writeDuration as text } from "./durations.js";
import type { Policy } from "./policy.types.js";

/** The four numbers that a session lives by, in milliseconds. */
export interface Numbers {
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
  readonly warningPeriod: number;
  readonly heartbeatInterval: number;
}

/**
 * WCAG 2.2 SC 2.2.1: at least 20 seconds to extend the time limit, counted from when an answer counts. The rest is the way
 * there: the question to the server, the dialog, and the moment in which it takes no answer.
 */
export const MIN_WARNING = 25_000;
export const MIN_HEARTBEAT = 1_000;

/** How soon a page in sight learns of an end elsewhere. */
export const DEFAULT_REACH = "10s";
const MIN_REACH = 1_000;
/** Where no stream stands a page asks once a minute in any case. */
const MAX_REACH = 60_000;

export function mistakesInReach(reach: number, unsafe: boolean): readonly string[] {
  if (reach > MAX_REACH)
    return [
      `policy.reach (${text(reach)}) is over 1m; write reach: "1m" or less, or false to let pages wait for their next question`,
    ];
  return reach > 0 && reach < MIN_REACH && !unsafe
    ? [
        `policy.reach (${text(reach)}) is under 1s; write reach: "1s" or more, or false to let pages wait for their next question`,
      ]
    : [];
}

/** A provider whose clock is further behind is a fault to be mended, not one to be borne with. */
export const MAX_IDP_SKEW = 60_000;

/** Always below `idle`, so that it never reaches back to what the session that ended began with. */
export function defaultIdpSkew(idleTimeout: number): number {
  return Math.min(5_000, Math.floor(idleTimeout / 5));
}

/** Two minutes, or half of `idle` if that is shorter; never under the least where `idle` has room for it. */
export function defaultWarning(idleTimeout: number): number {
  const half = Math.floor(Math.min(120_000, idleTimeout / 2));
  return half < MIN_WARNING && idleTimeout >= MIN_WARNING + 2 * MIN_HEARTBEAT ? MIN_WARNING : half;
}

export function defaultHeartbeat(idleTimeout: number): number {
  return Math.floor(Math.min(Math.min(Math.max(idleTimeout / 10, 5_000), 60_000), idleTimeout / 4));
}

/** The longest heartbeat interval that reports activity in time, both before the idle deadline and before the warning. */
function longestHeartbeat(idleTimeout: number, warningPeriod: number): number {
  return Math.floor(Math.min(idleTimeout / 3, (idleTimeout - warningPeriod) / 2));
}

export interface WantedPeriods {
  readonly warningPeriod: number | null;
  readonly heartbeatInterval: number | null;
}

/** The periods that a rule asks for, or the defaults, made to fit an idle timeout. */
export function fittingPeriods(
  idleTimeout: number,
  wanted: WantedPeriods,
  unsafe: boolean,
): Pick<Numbers, "warningPeriod" | "heartbeatInterval"> {
  const own = wanted.warningPeriod ?? idleTimeout;
  const fallback = Math.max(defaultWarning(idleTimeout), unsafe ? 0 : MIN_WARNING);
  const warningPeriod = own < idleTimeout ? own : fallback;
  const most = Math.max(1, longestHeartbeat(idleTimeout, warningPeriod));
  const heartbeatInterval = Math.min(wanted.heartbeatInterval ?? defaultHeartbeat(idleTimeout), most);
  return { warningPeriod, heartbeatInterval };
}

/** The same for a session that keeps a shorter idle timeout than the policy's: both are made to fit into it. */
export function periodsWithin(
  idleTimeout: number,
  { warningPeriod, heartbeatInterval }: Numbers,
): Pick<Numbers, "warningPeriod" | "heartbeatInterval"> {
  return {
    warningPeriod: warningPeriod < idleTimeout ? warningPeriod : Math.floor(idleTimeout / 2),
    heartbeatInterval: Math.min(heartbeatInterval, Math.max(1, Math.floor(idleTimeout / 4))),
  };
}

/** What is wrong with the four numbers, in sentences. `at` is where they stand, such as `policy`. */
export function mistakesInNumbers(at: string, numbers: Numbers, unsafe: boolean): readonly string[] {
  const { idleTimeout, absoluteTimeout, warningPeriod, heartbeatInterval } = numbers;
  const most = longestHeartbeat(idleTimeout, warningPeriod);
  const fits = warningPeriod < idleTimeout;
  return [
    idleTimeout > absoluteTimeout &&
      `${at}.idle (${text(idleTimeout)}) is longer than ${at}.absolute (${text(absoluteTimeout)}); make idle the shorter one`,
    !fits && `${at}.warning (${text(warningPeriod)}) must be shorter than ${at}.idle (${text(idleTimeout)})`,
    warningPeriod < MIN_WARNING &&
      !unsafe &&
      `${at}.warning (${text(warningPeriod)}) is under 25s: WCAG 2.2.1 asks for 20s in which an answer counts, and showing the warning takes some; write warning: "25s" or more`,
    fits &&
      heartbeatInterval > most &&
      `${at}.heartbeat (${text(heartbeatInterval)}) is too long for idle and warning; write heartbeat: "${Math.max(1, most)}ms" or less`,
    heartbeatInterval < MIN_HEARTBEAT &&
      !unsafe &&
      `${at}.heartbeat (${text(heartbeatInterval)}) is under 1s; write heartbeat: "1s" or more`,
  ].filter((mistake) => mistake !== false);
}

/** The longest that any session of this policy can last. */
export function longestSession({ absoluteTimeout, rules }: Policy): number {
  return Math.max(absoluteTimeout, ...rules.map((rule) => rule.absoluteTimeout ?? 0));
}
