/** What the doctor says, for people and for programs. No secret that it was given stands in it. */
import type { Finding, Unseen } from "./findings.js";

export interface Report {
  readonly url: string;
  /** The base path at which Curfew answers; null where it does not. */
  readonly base: string | null;
  /** How many requests were made. */
  readonly questions: number;
  readonly findings: readonly Finding[];
  readonly unseen: readonly Unseen[];
}

interface Saying {
  readonly json: boolean;
  /** What is never said, such as a cookie's value. */
  readonly secrets: readonly string[];
}

export function reportText(report: Report, { json, secrets }: Saying): string {
  const hidden = deeply(report, (text) => withoutSecrets(text, secrets));
  return json ? `${JSON.stringify(hidden, null, 2)}\n` : plainText(hidden);
}

function plainText({ url, base, questions, findings, unseen }: Report): string {
  const asked = `${questions} ${questions === 1 ? "request" : "requests"}`;
  const where = base === null ? "" : `, Curfew at ${base === "" ? "/" : base}`;
  const count = findings.length === 1 ? "1 finding" : `${findings.length} findings`;
  return [
    `${url}${where}: ${findings.length === 0 ? "nothing found" : count} (${asked}).`,
    ...findings.map(findingText),
    ...(unseen.length === 0 ? [] : ["\nNot looked at:"]),
    ...unseen.map(({ what, how }) => `  ${what}\n    to look: ${how}`),
    "",
  ].join("\n");
}

function findingText({ code, asked, got, cause, cure, docs }: Finding): string {
  return [
    `\n${code}`,
    `  asked  ${asked}`,
    `  got    ${got}`,
    `  cause  ${cause}`,
    `  cure   ${cure}`,
    `  more   ${docs}`,
  ].join("\n");
}

/** Shorter texts would take words of the report away. */
const SHORTEST_SECRET = 6;

const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  secrets
    .filter(({ length }) => length >= SHORTEST_SECRET)
    .reduce((rest, secret) => rest.replaceAll(secret, "…"), text);

function deeply<T>(value: T, change: (text: string) => string): T {
  if (typeof value === "string") return change(value) as T;
  if (Array.isArray(value)) return value.map((item) => deeply(item, change)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deeply(item, change)])) as T;
}
