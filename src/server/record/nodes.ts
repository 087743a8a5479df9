/** What the nodes that share a store keep there of themselves, and of the policy that was in force last: beside the subjects' records. */

/** What one node tells of itself. Instants by the store's clock. */
export interface NodeEntry {
  /** Another for each process: its host, its number, and a text by chance. */
  readonly node: string;
  /** The release of Curfew. */
  readonly release: string;
  /** The policy's fingerprint. */
  readonly fingerprint: string;
  /** The fingerprint of what else decides. */
  readonly deployment: string;
  readonly since: number;
  readonly seenAt: number;
}

/** The head that a node's signed log has signed last. */
export interface KeptHead {
  /** The log's name. */
  readonly origin: string;
  /** How many records it had. */
  readonly size: number;
  /** The last of them that is no note of another log's head. */
  readonly news: number;
  /** The signed note (C2SP tlog-checkpoint). */
  readonly checkpoint: string;
  readonly keptAt: number;
}

export interface KeptNodes {
  readonly seen: readonly NodeEntry[];
  /** In what they differ for too long, as the trail was told. */
  readonly drifted: readonly string[];
  readonly heads?: readonly KeptHead[];
}

/** The policy that was in force last. */
export interface KeptPolicy {
  readonly fingerprint: string;
  /** Its canonical JSON. */
  readonly document: string;
}

/** Under names that no app can have. */
export function nodesOf(app: string): { readonly app: string; readonly subject: string } {
  return { app: `${app}:nodes`, subject: "nodes" };
}

export function lastPolicyOf(app: string): { readonly app: string; readonly subject: string } {
  return { app: `${app}:policy`, subject: "policy" };
}
