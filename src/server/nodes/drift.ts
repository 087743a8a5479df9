/**
 * Whether the nodes that share a store run the same: pure, over what they have told of themselves. Two that differ count
 * for as long as both were there, so a rollout that is over in a minute is none, and a node that has gone is no witness.
 */
import type { NodeEntry } from "../record/nodes.js";

/** How long two nodes may differ: a rollout takes a while. */
export const DRIFT_PERIOD = 60_000;
/** A node that was not seen for so long is not there any more: it tells of itself every 30 s. */
const LIVE_PERIOD = 90_000;

/** What nodes may differ in: what the policy says, and what else decides (`verifier/deployment.ts`). */
const DIFFERING = ["policy", "deployment"] as const;
export type Differing = (typeof DIFFERING)[number];

export interface Difference {
  readonly in: Differing;
  /** Since when both were there. */
  readonly since: number;
  /** How long both have been there. */
  readonly lasted: number;
  readonly nodes: readonly [NodeEntry, NodeEntry];
}

export function isThere({ seenAt }: NodeEntry, now: number): boolean {
  return now < seenAt + LIVE_PERIOD;
}

/** Of each thing in which any two differ the longest difference. */
export function differencesAmong(nodes: readonly NodeEntry[]): readonly Difference[] {
  return DIFFERING.flatMap((held) => {
    const all = nodes.flatMap((one, index) =>
      nodes
        .slice(index + 1)
        .filter((other) => heldBy(held, one) !== heldBy(held, other))
        .map((other) => between(held, one, other)),
    );
    const longest = all.reduce<Difference | null>(
      (most, one) => (most === null || one.lasted > most.lasted ? one : most),
      null,
    );
    return longest === null ? [] : [longest];
  });
}

export function heldBy(held: Differing, { fingerprint, deployment }: NodeEntry): string {
  return held === "policy" ? fingerprint : deployment;
}

function between(held: Differing, one: NodeEntry, other: NodeEntry): Difference {
  const since = Math.max(one.since, other.since);
  const lasted = Math.max(0, Math.min(one.seenAt, other.seenAt) - since);
  return { in: held, since, lasted, nodes: [one, other] };
}
