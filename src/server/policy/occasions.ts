/**
 * For whom and where two policies can differ: people, addresses and paths enough that where either says something else for
 * anybody, it does so for one of these.
 */
import { ConfigurationError } from "../platform/errors.js";
import { edgesOf } from "../platform/networks.js";
import type { AttributeValue, Policy, PolicyRule } from "./policy.types.js";

/** Whom rules go by, but for the address. */
export interface Person {
  readonly roles: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** Where a request comes from. */
export interface Origin {
  /** Null: nobody knows it. */
  readonly address: string | null;
  /** The address is a proxy's that speaks for somebody else and is not believed. */
  readonly isRelayed: boolean;
}

/** More are not compared: it would take minutes. */
const MOST = 200_000;
const NOBODY: Person = { roles: [], attributes: {} };
/** Of documentation (RFC 5737): no rule of a real policy is about it. */
const ELSEWHERE: Origin = { address: "203.0.113.1", isRelayed: false };
/** What no pattern names. */
const WORD = "x";

/**
 * Nobody in particular first. Of two policies each number is given by at most one rule that tightens and one that relaxes,
 * for the idle timeout and for the absolute one that bounds it: so whoever has what three rules ask for, one of them any
 * and two that relax, shows every difference.
 */
export function peopleOf(policies: readonly Policy[]): readonly Person[] {
  const rules = policies.flatMap((policy) => policy.rules);
  const everyone = unique([NOBODY, ...rules.flatMap(peopleOfRule)]);
  const relaxed = unique([NOBODY, ...rules.filter(({ relax }) => relax).flatMap(peopleOfRule)]);
  refuseTooMany(everyone.length * relaxed.length ** 2);
  const twice = relaxed.flatMap((one) => relaxed.map((other) => together(one, other)));
  const people = everyone.flatMap((one) =>
    twice.map((other) => (other === null ? null : together(one, other))),
  );
  return unique(people.filter((person) => person !== null));
}

function peopleOfRule({ roles, attributes }: PolicyRule): readonly Person[] {
  return (roles ?? [null]).map((role) => ({
    roles: role === null ? [] : [role],
    attributes: attributes ?? {},
  }));
}

/** Null where nobody can be both: an attribute has one value. */
function together(one: Person, other: Person): Person | null {
  const isOther = Object.entries(one.attributes).some(
    ([name, value]) => Object.hasOwn(other.attributes, name) && other.attributes[name] !== value,
  );
  if (isOther) return null;
  return {
    roles: [...new Set([...one.roles, ...other.roles])].sort(),
    attributes: { ...one.attributes, ...other.attributes },
  };
}

/** One address on each side of every edge of a network that a rule names, each also as a proxy's, and one that nobody knows. */
export function originsOf(policies: readonly Policy[]): readonly Origin[] {
  const networks = policies.flatMap(({ rules }) => rules.flatMap((rule) => rule.networks ?? []));
  if (networks.length === 0) return [ELSEWHERE];
  const addresses = [...new Set(networks.flatMap(edgesOf))];
  return [
    ELSEWHERE,
    { address: null, isRelayed: false },
    ...addresses.flatMap((address) => [false, true].map((isRelayed) => ({ address, isRelayed }))),
  ];
}

/** Paths that the patterns of the rules for routes can tell apart, one that none of them names first. */
export function pathsOf(policies: readonly Policy[]): readonly string[] {
  const patterns = policies.flatMap(({ rules }) => rules.flatMap((rule) => rule.routes ?? []));
  if (patterns.length === 0) return [];
  const plain = patterns.flatMap(withoutBraces);
  const literals = plain.flatMap((pattern) => pattern.split("/")).filter((name) => /^[^*?[\]]+$/.test(name));
  const words = [...new Set([WORD, ...literals])];
  const paths = plain.flatMap((pattern) => filled(pattern, words));
  return [...new Set([`/${WORD}-${words.join("-")}`, "/", ...paths])];
}

/** `/{a,b}/c` as `/a/c` and `/b/c`. */
function withoutBraces(pattern: string): readonly string[] {
  const found = /\{([^{}]*)\}/.exec(pattern);
  if (found === null) return [pattern];
  const [braces, choices = ""] = found;
  return choices.split(",").flatMap((choice) => withoutBraces(pattern.replace(braces, () => choice)));
}

function filled(pattern: string, words: readonly string[]): readonly string[] {
  let paths: readonly string[] = [""];
  for (const name of pattern.split("/").slice(1)) {
    const choices = namesFor(name, words);
    paths = paths.flatMap((path) => choices.map((choice) => (choice === "" ? path : `${path}/${choice}`)));
    refuseTooMany(paths.length);
  }
  return paths.map((path) => path || "/");
}

function namesFor(name: string, words: readonly string[]): readonly string[] {
  if (name === "**") return ["", ...words, `${WORD}/${WORD}`];
  if (name === "*") return words;
  const plain = name.replace(/\[!?(.)[^\]]*\]/g, "$1").replaceAll("?", WORD);
  return plain.includes("*") ? [plain.replace(/\*+/g, ""), plain.replace(/\*+/g, WORD)] : [plain];
}

function unique(people: readonly Person[]): readonly Person[] {
  const keyOf = ({ roles, attributes }: Person) =>
    JSON.stringify([roles, Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))]);
  return [...new Map(people.map((person) => [keyOf(person), person])).values()];
}

/** @throws ConfigurationError */
export function refuseTooMany(count: number): void {
  if (count > MOST)
    throw new ConfigurationError(
      `the rules of the two policies make ${count} cases, and ${MOST} are compared at most; compare them in parts, or with fewer roles a rule`,
    );
}
