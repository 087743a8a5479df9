/** What the demo's environment says (`CURFEW_IDLE=4s npm run demo`), read into settings or refused with what to write instead. */
import ms from "ms";

export type StoreChoice =
  | { readonly kind: "memory" }
  | { readonly kind: "sqlite"; readonly path: string | null }
  | { readonly kind: "redis" | "postgres"; readonly url: string };

/** Durations in milliseconds. */
export interface Settings {
  /** 0 picks a free port. */
  readonly port: number;
  readonly idle: number;
  readonly absolute: number;
  readonly warning: number;
  readonly heartbeat: number;
  /** How recent the authentication must be for a transfer. */
  readonly fresh: number;
  /** A `path` of null: a file in a temporary folder. */
  readonly store: StoreChoice;
  readonly name: string;
  readonly cookie: "host" | "plain";
  /** Whether the warning opens early where the watch suspects a machine. */
  readonly warnEarly: boolean;
  /** Set where a duration lies below the policy's bounds, or where the cookie is plain. */
  readonly unsafeForTesting: boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The message holds every mistake, a line each. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
}

const MINUTE = 60_000;
/** Long enough for the shortest warning that a policy allows. */
const IDLE = 75_000;
/** The policy's own lower bounds (WCAG 2.2.1 for the warning). */
const MIN_WARNING = 25_000;
const MIN_HEARTBEAT = 1_000;
/** The longest duration that a timer can hold. */
const MAX_DURATION = 2 ** 31 - 1;
const DURATION = /^\d+(\.\d+)?\s*(ms|s|m|h|d)$/;

/**
 * Reads the demo's variables. What is not set follows from what is, so that `CURFEW_IDLE=4s` alone makes a whole policy.
 * @throws EnvironmentError with every mistake and what to write instead
 */
export function readEnvironment(env: Environment): Settings {
  const mistakes: string[] = [];
  const settings = settingsIn(env, mistakes);
  if (mistakes.length === 0) mistakes.push(...contradictionsIn(settings));
  if (mistakes.length > 0) throw new EnvironmentError(mistakes.join("\n"));
  return settings;
}

function settingsIn(env: Environment, mistakes: string[]): Settings {
  const absoluteSet = durationIn(env, "CURFEW_ABSOLUTE", mistakes);
  const idle = durationIn(env, "CURFEW_IDLE", mistakes) ?? Math.min(IDLE, absoluteSet ?? IDLE);
  const warning = durationIn(env, "CURFEW_WARNING", mistakes) ?? Math.min(MIN_WARNING, Math.floor(idle / 2));
  const heartbeatSet = durationIn(env, "CURFEW_HEARTBEAT", mistakes);
  const heartbeat =
    heartbeatSet ?? Math.min(Math.max(Math.floor(idle / 10), 100), longestHeartbeat(idle, warning));
  const cookie = cookieIn(env, mistakes);
  return {
    port: portIn(env, mistakes),
    idle,
    absolute: absoluteSet ?? Math.min(Math.max(15 * MINUTE, 10 * idle), MAX_DURATION),
    warning,
    heartbeat,
    fresh: durationIn(env, "CURFEW_FRESH", mistakes) ?? 5 * MINUTE,
    store: storeIn(env, mistakes),
    name: nameIn(env, mistakes),
    cookie,
    warnEarly: warnEarlyIn(env, mistakes),
    unsafeForTesting: warning < MIN_WARNING || heartbeat < MIN_HEARTBEAT || cookie === "plain",
  };
}

function longestHeartbeat(idle: number, warning: number): number {
  return Math.max(1, Math.floor(Math.min(idle / 3, (idle - warning) / 2)));
}

function contradictionsIn({ idle, absolute, warning, heartbeat }: Settings): readonly string[] {
  const longest = longestHeartbeat(idle, warning);
  if (idle > absolute)
    return [
      `CURFEW_IDLE (${ms(idle)}) is longer than CURFEW_ABSOLUTE (${ms(absolute)}); write CURFEW_IDLE=${ms(absolute)} or less`,
    ];
  if (warning >= idle)
    return [
      `CURFEW_WARNING (${ms(warning)}) must be shorter than CURFEW_IDLE (${ms(idle)}); write CURFEW_WARNING=${ms(Math.floor(idle / 2))} or less`,
    ];
  if (heartbeat > longest)
    return [
      `CURFEW_HEARTBEAT (${ms(heartbeat)}) is too long for this idle timeout and warning; write CURFEW_HEARTBEAT=${longest}ms or less`,
    ];
  return [];
}

/** An empty variable counts as not set. */
function textIn(env: Environment, name: string): string | undefined {
  return env[name]?.trim() || undefined;
}

function durationIn(env: Environment, name: string, mistakes: string[]): number | undefined {
  const text = textIn(env, name);
  if (text === undefined) return undefined;
  const duration = DURATION.test(text) ? Math.round(ms(text as ms.StringValue)) : Number.NaN;
  if (duration > 0 && duration <= MAX_DURATION) return duration;
  const wrong = duration > MAX_DURATION ? "the longest is 24d" : "write a number and its unit";
  mistakes.push(`${name} is ${quoted(text)}; ${wrong}, such as ${name}=4s, ${name}=15m or ${name}=100ms`);
  return undefined;
}

function portIn(env: Environment, mistakes: string[]): number {
  const text = textIn(env, "PORT") ?? "3000";
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  mistakes.push(`PORT is ${quoted(text)}; write a number from 1 to 65535, or PORT=0 for any free port`);
  return 0;
}

/** The value is not repeated: the URL of a store may carry a password. */
function storeIn(env: Environment, mistakes: string[]): StoreChoice {
  const text = textIn(env, "CURFEW_STORE");
  if (text === undefined) return { kind: "sqlite", path: null };
  if (text === "memory:") return { kind: "memory" };
  const path = text.startsWith("sqlite:") ? text.slice("sqlite:".length) : "";
  if (path !== "") return { kind: "sqlite", path };
  if (/^rediss?:\/\/./.test(text) && URL.canParse(text)) return { kind: "redis", url: text };
  if (/^postgres(?:ql)?:\/\/./.test(text) && URL.canParse(text)) return { kind: "postgres", url: text };
  // The text itself may hold a password.
  mistakes.push(
    "CURFEW_STORE names no store; write CURFEW_STORE=memory: or CURFEW_STORE=sqlite:sessions.db or CURFEW_STORE=redis://127.0.0.1:6379 or CURFEW_STORE=postgres://user@127.0.0.1/name",
  );
  return { kind: "memory" };
}

function nameIn(env: Environment, mistakes: string[]): string {
  const name = textIn(env, "CURFEW_NAME") ?? "curfew";
  if (!/^[A-Za-z0-9_-]{1,40}$/.test(name))
    mistakes.push(
      `CURFEW_NAME is ${quoted(name)}; write 1 to 40 letters, digits, - or _, such as CURFEW_NAME=notes`,
    );
  return name;
}

function cookieIn(env: Environment, mistakes: string[]): Settings["cookie"] {
  const text = textIn(env, "CURFEW_COOKIE");
  if (text === "plain") return "plain";
  if (text !== undefined)
    mistakes.push(
      `CURFEW_COOKIE is ${quoted(text)}; write CURFEW_COOKIE=plain for clients that send no Secure cookie over http, or leave it out`,
    );
  return "host";
}

function warnEarlyIn(env: Environment, mistakes: string[]): boolean {
  const text = textIn(env, "CURFEW_WARN_EARLY");
  if (text !== undefined && text !== "machine-like")
    mistakes.push(
      `CURFEW_WARN_EARLY is ${quoted(text)}; write CURFEW_WARN_EARLY=machine-like, or leave it out`,
    );
  return text === "machine-like";
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
