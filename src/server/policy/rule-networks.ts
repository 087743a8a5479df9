/** The networks that a policy's rules name, and which of them an address lies in. */
import { isIP } from "node:net";
import { addressMatcher } from "../platform/networks.js";
import type { Policy } from "./policy.types.js";

type Matcher = (address: string) => boolean;

const NAMED = ["loopback", "linklocal", "uniquelocal"];
/** Compiled once for each policy, which stays plain data. */
const compiled = new WeakMap<Policy, ReadonlyMap<string, Matcher>>();

/**
 * Which of the rules' networks, as written, the address lies in. IPv4 written as IPv6 (`::ffff:10.0.0.1`) is IPv4, a
 * zone (`%eth0`) is cut; an unknown address lies in none.
 */
export function networksOf(policy: Policy, address: string | null): readonly string[] {
  const [plain = ""] = (address ?? "").split("%");
  if (isIP(plain) === 0) return [];
  return [...matchersOf(policy)].filter(([, liesIn]) => liesIn(plain)).map(([network]) => network);
}

/** Whether this is an address, a network (CIDR), or `loopback`, `linklocal`, `uniquelocal`. */
export function isNetwork(text: string): boolean {
  if (NAMED.includes(text)) return true;
  const [address = "", ...prefix] = text.split("/");
  // The library would read "10/8" as 0.0.0.10/8.
  if (isIP(address) === 0 || address.includes("%") || prefix.length > 1) return false;
  try {
    addressMatcher([text]);
    return true;
  } catch {
    return false;
  }
}

function matchersOf(policy: Policy): ReadonlyMap<string, Matcher> {
  const known = compiled.get(policy);
  if (known) return known;
  const named = policy.rules.flatMap(({ networks }) => networks ?? []);
  const matchers = new Map(named.map((network) => [network, addressMatcher([network])]));
  compiled.set(policy, matchers);
  return matchers;
}
