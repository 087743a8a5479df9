/**
 * The nodes that share a store: each keeps there what it runs, and compares. It is one record an app, kept as a subject's
 * is, so every store can do it.
 */
import { hostname } from "node:os";
import type { AuditTrail } from "../audit/audit-trail.js";
import { changeSubject } from "../lifecycle/change-subject.js";
import type { Nodes, NodesState } from "../lifecycle/context.js";
import { isoInstant } from "../platform/clock.js";
import { processId } from "../platform/environment.js";
import type { Logger } from "../platform/logger.js";
import { randomText } from "../platform/secrets.js";
import { packageVersion } from "../platform/version.js";
import type { Policy } from "../policy/policy.types.js";
import { type KeptHead, type NodeEntry, nodesOf } from "../record/nodes.js";
import type { SubjectRecord } from "../record/subject.js";
import type { SessionStore } from "../stores/store.js";
import { type Difference, type Differing, DRIFT_PERIOD, differencesAmong, heldBy, isThere } from "./drift.js";
import { createHeads } from "./heads.js";
import { tellChangedPolicy } from "./last-policy.js";

/** How often a node tells of itself: every 30 s. */
const TELL_PERIOD = 30_000;
/** After so long a node that is not seen any more is forgotten: 10 minutes. */
const FORGET_PERIOD = 10 * 60_000;

interface NodesOptions {
  readonly app: string;
  readonly policy: Policy;
  /** The policy as canonical JSON. */
  readonly document: string;
  /** The fingerprint of what else decides. */
  readonly deployment: string;
  readonly store: SessionStore;
  readonly audit: AuditTrail;
  readonly logger: Logger;
}

export function createNodes({
  app,
  policy,
  document,
  deployment,
  store,
  audit,
  logger,
}: NodesOptions): Nodes {
  const own = {
    node: `${hostname()}/${processId()}/${randomText(3)}`,
    release: packageVersion(),
    fingerprint: policy.fingerprint,
    deployment,
  };
  const place = nodesOf(app);
  const heads = createHeads(audit);
  let since: number | null = null;
  let toldAt = Number.NEGATIVE_INFINITY;
  let isPolicyKept = false;
  let knownAt: number | null = null;
  const logged = new Set<Differing>();

  /** Everybody who is kept, this node first, as it is now. */
  const nodesAt = (record: SubjectRecord | null, now: number): readonly NodeEntry[] => {
    since ??= now;
    knownAt = now;
    const others = (record?.nodes?.seen ?? []).filter(({ node }) => node !== own.node);
    return [{ ...own, since, seenAt: now }, ...others.filter(({ seenAt }) => now < seenAt + FORGET_PERIOD)];
  };
  const tellTrail = ({ in: held, since: startedAt, nodes }: Difference, now: number) => {
    const other = nodes.find(({ node }) => node !== own.node) ?? nodes[0];
    const holds = heldBy(held, other);
    audit.record("policy_drift", now, null, { code: held, since: startedAt, node: other.node, holds });
  };
  const tellLog = (drifts: readonly Difference[]) => {
    for (const held of logged)
      if (!drifts.some((drift) => drift.in === held)) {
        logged.delete(held);
        logger.info(`curfew: the nodes of ${app} have the same ${held} again`);
      }
    for (const drift of drifts.filter((one) => !logged.has(one.in))) {
      logged.add(drift.in);
      logger.warn(textOf(app, drift));
    }
  };
  return {
    async tend() {
      if (!isPolicyKept) await tellChangedPolicy({ app, policy, store, audit, document });
      isPolicyKept = true;
      let found = compared([], [], 0);
      let isDue = false;
      let others: readonly KeptHead[] = [];
      await changeSubject({ store, policy }, place, (kept, now) => {
        const seen = nodesAt(kept, now);
        found = compared(seen, kept.nodes?.drifted ?? [], now);
        others = kept.nodes?.heads ?? [];
        isDue = found.isUrgent || now >= toldAt + TELL_PERIOD || heads.isUnknown(others);
        const drifted = found.drifts.map((drift) => drift.in);
        return isDue
          ? { ...kept, nodes: { ...kept.nodes, seen, drifted, heads: heads.withOwn(others, now) } }
          : null;
      });
      if (isDue) toldAt = found.at;
      heads.note(others, found.at);
      for (const news of found.news) tellTrail(news, found.at);
      tellLog(found.drifts);
    },
    async state() {
      try {
        const { record, now } = await store.findSubject(place.app, place.subject);
        return stateOf(nodesAt(record, now).filter((one) => isThere(one, now)));
      } catch {
        return { drift: { status: "unknown", since: knownAt, in: [] }, nodes: [] };
      }
    },
    async leave() {
      await changeSubject({ store, policy }, place, (kept, now) => {
        const { seen = [], heads: known = [] } = kept.nodes ?? {};
        const others = seen.filter(({ node }) => node !== own.node);
        return others.length === seen.length && audit.head() === null
          ? null
          : {
              ...kept,
              nodes: { drifted: [], ...kept.nodes, seen: others, heads: heads.withOwn(known, now) },
            };
      });
    },
  };
}

interface Compared {
  readonly at: number;
  /** What the live nodes have differed in for too long. */
  readonly drifts: readonly Difference[];
  /** What of it the trail was not told of yet. */
  readonly news: readonly Difference[];
  /** Whether the others must know of this look: while nodes differ each tells at every look, so that it shows how long. */
  readonly isUrgent: boolean;
}

function compared(seen: readonly NodeEntry[], known: readonly string[], at: number): Compared {
  const differences = differencesAmong(seen.filter((one) => isThere(one, at)));
  const drifts = differences.filter(({ lasted }) => lasted > DRIFT_PERIOD);
  const news = drifts.filter((drift) => !known.includes(drift.in));
  const isMended = known.some((held) => !drifts.some((drift) => drift.in === held));
  const isOpen = differences.some((one) => !drifts.includes(one));
  return { at, drifts, news, isUrgent: news.length > 0 || isMended || isOpen };
}

function stateOf(nodes: readonly NodeEntry[]): NodesState {
  const differences = differencesAmong(nodes);
  const isEqual = differences.length === 0;
  const since = isEqual
    ? Math.max(...nodes.map((one) => one.since))
    : Math.min(...differences.map((one) => one.since));
  return {
    drift: { status: isEqual ? "equal" : "differs", since, in: differences.map((one) => one.in) },
    nodes,
  };
}

function textOf(app: string, { in: held, since, nodes }: Difference): string {
  const [one, other] = nodes.map(
    (node) => `${node.node} (release ${node.release}) has ${heldBy(held, node)}`,
  );
  const what = held === "policy" ? "policies" : "deployments";
  const cure =
    held === "policy"
      ? "finish the rollout, or restart the nodes that still have the old policy, so that all of them read one configuration"
      : "give all of them the same release, origins, signInUrl, cookie, identify, kind of store and group, or finish the rollout";
  return `curfew: nodes of ${app} that share a store have had different ${what} since ${isoInstant(since)}: ${one}, ${other}; ${cure}`;
}
