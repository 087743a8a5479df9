/** Placeholder until the rules are there. */
import type { Policy } from "../policy.js";
export type AttributeValue = string | number | boolean;
export interface SessionContext {
  readonly roles: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly networks: readonly string[];
}
export interface Resolved {
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
  readonly warningPeriod: number;
  readonly heartbeatInterval: number;
  readonly rules: readonly string[];
}
export interface RouteDemand {
  readonly idleTimeout: number | null;
  readonly freshPeriod: number | null;
  readonly rules: readonly string[];
}
export function resolveTimeouts(policy: Policy, _context: SessionContext): Resolved {
  const { idleTimeout, absoluteTimeout, warningPeriod, heartbeatInterval } = policy;
  return { idleTimeout, absoluteTimeout, warningPeriod, heartbeatInterval, rules: [] };
}
export function resolveRoute(_policy: Policy, _context: SessionContext, _path: string): RouteDemand {
  return { idleTimeout: null, freshPeriod: null, rules: [] };
}
export function networksOf(_policy: Policy, _address: string | null): readonly string[] {
  return [];
}
