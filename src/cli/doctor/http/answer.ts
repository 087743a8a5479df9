/** What came over HTTP, as the checks read it. */
import { type Problem, parseProblem } from "../../../protocol/problem.js";

export interface Answer {
  readonly method: string;
  readonly url: URL;
  /** Null where no answer came. */
  readonly status: number | null;
  /** Why none came. */
  readonly failure: Failure | null;
  readonly bytes: Uint8Array;
  header(name: string): string | null;
  /** The `name=value` of each cookie that it sets. */
  readonly cookies: readonly string[];
}

export interface Failure {
  readonly type: "late" | "network";
  /** Node's own code, such as `ECONNREFUSED`. */
  readonly code: string;
}

export const bodyText = ({ bytes }: Answer): string => new TextDecoder().decode(bytes);

/** The JSON of an answer, else null. */
export function jsonOf(answer: Answer): unknown {
  try {
    return JSON.parse(bodyText(answer));
  } catch {
    return null;
  }
}

/** The problem of Curfew's that it is, else null. */
export const problemOf = (answer: Answer): Problem | null => parseProblem(jsonOf(answer));

/** Whether it is this problem of Curfew's. */
export function isProblem(answer: Answer, name: string): boolean {
  return problemOf(answer)?.type === `urn:curfew:${name}`;
}

/** `GET https://app.example/curfew/session`: without the query, which may hold secrets of the app's. */
export const askedOf = ({ method, url }: Pick<Answer, "method" | "url">): string =>
  `${method} ${withoutQuery(url)}`;

export const withoutQuery = ({ origin, pathname }: URL): string => origin + pathname;

/** What came, in a few words that hold nothing of the body but a problem of Curfew's own. */
export function gotOf(answer: Answer): string {
  if (answer.failure !== null)
    return answer.failure.type === "late" ? "no answer in time" : `no answer (${answer.failure.code})`;
  const problem = problemOf(answer);
  if (problem !== null)
    return `${answer.status} ${problem.type}${problem.detail === undefined ? "" : `: ${problem.detail}`}`;
  const type = answer.header("content-type")?.split(";")[0] ?? "no content type";
  const target = locationOf(answer);
  return `${answer.status} ${target === null ? type : `to ${withoutQuery(target)}`}, not of Curfew's making`;
}

/** Where a redirect leads; null for any other answer. */
export function locationOf(answer: Answer): URL | null {
  const location = answer.header("location");
  const isRedirect = answer.status !== null && answer.status >= 300 && answer.status < 400;
  if (!isRedirect || location === null || !URL.canParse(location, answer.url)) return null;
  return new URL(location, answer.url);
}
