/** The networks that a policy's rules name, and which of them an address lies in. */
import { addressMatcher, readAddress } from "../platform/networks.js";
import type { Policy } from "./policy.types.js";

type Matcher = (address: string) => boolean;

/** What stands in a session's networks where the client's address is not known: no network is written so. */
export const UNKNOWN_NETWORK = "unknown";

/** Stands beside the networks of a peer that speaks for somebody else: nothing is relaxed for whoever that is. */
export const RELAYED = "relayed";

/** Compiled once for each policy, which stays plain data. */
const compiled = new WeakMap<Policy, ReadonlyMap<string, Matcher>>();

/**
 * Which of the rules' networks, as written, the address lies in. An unknown address may lie in any of them:
 * `UNKNOWN_NETWORK` says so where a rule tightens by network.
 * @param address as a socket or a proxy tells it; null where nobody does
 * @param isRelayed whether it is the address of a peer that speaks for somebody else and is not believed
 */
export function networksOf(policy: Policy, address: string | null, isRelayed = false): readonly string[] {
  const known = address === null ? null : readAddress(address);
  if (known === null) return says(policy, { relax: false }) ? [UNKNOWN_NETWORK] : [];
  const networks = [...matchersOf(policy)].filter(([, liesIn]) => liesIn(known)).map(([network]) => network);
  return isRelayed && says(policy, { relax: true }) ? [...networks, RELAYED] : networks;
}

/** Whether the policy asks where a request comes from. */
export function asksForNetworks({ rules }: Policy): boolean {
  return rules.some(({ networks }) => networks !== null);
}

/** Whether a rule by network relaxes, or one tightens. */
function says({ rules }: Policy, { relax }: { readonly relax: boolean }): boolean {
  return rules.some((rule) => rule.networks !== null && rule.relax === relax);
}

function matchersOf(policy: Policy): ReadonlyMap<string, Matcher> {
  const known = compiled.get(policy);
  if (known) return known;
  const named = policy.rules.flatMap(({ networks }) => networks ?? []);
  const matchers = new Map(named.map((network) => [network, addressMatcher([network])]));
  compiled.set(policy, matchers);
  return matchers;
}
