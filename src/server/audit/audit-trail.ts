/** Hands every audit event to the sinks and to the app. A sink that fails is logged and never stops a request. */
import { isoInstant } from "../platform/clock.js";
import { messageOf } from "../platform/errors.js";
import type { Logger } from "../platform/logger.js";
import { derivedKey, keyedHash } from "../platform/secrets.js";
import type { Policy } from "../policy/policy.types.js";
import { type Attribution, placeHash } from "./attribution.js";
import {
  AUDITED_INSTANTS,
  type AuditDetails,
  type AuditFacts,
  type AuditRecord,
  type AuditSink,
  type AuditType,
} from "./audit-record.js";

export interface AuditTrail {
  /** @param now the store's time */
  record(type: AuditType, now: number, of: AuditedSession | null, facts?: AuditFacts): void;
  /** The same trail for what comes of one call: its records say who acted, why and from where. */
  by(attribution: Attribution): AuditTrail;
  close(): Promise<void>;
}

export interface AuditedSession {
  readonly sid: string;
  readonly subject: string;
}

interface AuditTrailOptions {
  readonly app: string;
  readonly policy: Policy;
  readonly sinks: readonly AuditSink[];
  readonly onEvent: ((record: AuditRecord) => void) | undefined;
  /** The key of the subjects' and the places' pseudonyms. */
  readonly secret: string;
  readonly logger: Logger;
}

export function createAuditTrail(options: AuditTrailOptions): AuditTrail {
  const { app, policy, sinks, onEvent, secret, logger } = options;
  const failed = (error: unknown) => logger.error(`curfew: an audit sink failed: ${messageOf(error)}`);
  for (const sink of sinks) sink.onTrouble?.(failed);
  const attempt = async (work: () => void | Promise<void>) => {
    try {
      await work();
    } catch (error) {
      failed(error);
    }
  };
  const log = sinks.find(({ append }) => append !== undefined);
  const others = sinks.filter((sink) => sink !== log);
  /** What the log has written; the record as it was where there is no log, or it failed. */
  const numberedBy = (record: AuditRecord): AuditRecord => {
    try {
      return log?.append?.(record) ?? record;
    } catch (error) {
      failed(error);
      return record;
    }
  };
  const placeKey = derivedKey(secret, "place");
  const trailBy = ({ actor, note, browser }: Attribution): AuditTrail => ({
    record(type, now, of, facts = {}) {
      // A record that stands for several events is from no one place.
      const isOne = of !== null && (facts.count ?? 1) === 1;
      const from = browser !== undefined && isOne ? placeHash(placeKey, browser) : null;
      const record: AuditRecord = {
        v: 1,
        at: isoInstant(now),
        type,
        app,
        ...(of === null ? {} : { sid: of.sid, subject: keyedHash(secret, of.subject) }),
        ...detailsOf(facts),
        ...(actor === undefined ? {} : { actor }),
        ...(note === undefined ? {} : { note }),
        ...(from === null ? {} : { from }),
        policy: policy.fingerprint,
        ...(policy.unsafeForTesting ? { unsafeForTesting: true } : {}),
        ...(policy.enforceFromAt !== null && now < policy.enforceFromAt ? { enforced: false } : {}),
      };
      const numbered = numberedBy(record);
      for (const sink of others) void attempt(() => sink.write(numbered));
      if (onEvent) void attempt(() => onEvent(numbered));
    },
    by: trailBy,
    async close() {
      await Promise.all(sinks.map((sink) => attempt(() => sink.close?.())));
    },
  });
  return trailBy({});
}

/** In the order in which they were told. */
function detailsOf(facts: AuditFacts): AuditDetails {
  const entries = Object.entries(facts).map(([name, value]) => [
    name,
    AUDITED_INSTANTS.some((instant) => instant === name) ? isoInstant(Number(value)) : value,
  ]);
  return Object.fromEntries(entries) as AuditDetails;
}
