/** Hands every audit event to the sinks and to the app. A sink that fails is logged and never stops a request. */
import { isoInstant } from "../platform/clock.js";
import { messageOf } from "../platform/errors.js";
import type { Logger } from "../platform/logger.js";
import { remembering } from "../platform/recent.js";
import { derivedKey, keyedHash } from "../platform/secrets.js";
import { isObserving } from "../policy/observing.js";
import type { Policy } from "../policy/policy.types.js";
import { type Attribution, type CallingBrowser, placeHash } from "./attribution.js";
import {
  AUDITED_INSTANTS,
  type AuditDetails,
  type AuditFacts,
  type AuditRecord,
  type AuditSink,
  type AuditType,
  type LogHead,
} from "./audit-record.js";

/** How many pseudonyms of subjects and of places are kept: to make one costs as much as to write a record. */
const REMEMBERED = 10_000;

export interface AuditTrail {
  /** @param now the store's time */
  record(
    type: AuditType,
    now: number,
    of: AuditedSession | AuditedPseudonym | null,
    facts?: AuditFacts,
  ): void;
  /** A keyed hash of the place that the call came from; null where nobody tells it. */
  place(): string | null;
  /** What each record of one event says of who acted, why and from where. */
  said(): Pick<AuditDetails, "actor" | "note" | "from">;
  /** The same trail for what comes of one call: its records say who acted, why and from where. */
  by(attribution: Attribution): AuditTrail;
  /** The head that the signed log has signed last; null where there is no such log. */
  head(): LogHead | null;
  close(): Promise<void>;
}

export interface AuditedSession {
  readonly sid: string;
  readonly subject: string;
  /** What the trail calls the subject; absent: what the secret makes of it. */
  readonly pseudonym?: string | undefined;
}

/** A session as the trail has it. */
interface AuditedPseudonym {
  readonly sid: string;
  /** Of the subject. */
  readonly pseudonym: string;
}

export interface RecordReader {
  see(record: AuditRecord): void;
  /** Reads what it has not read yet, and resolves when it has told of it: before the sinks are closed. */
  close(): void | Promise<void>;
}

interface AuditTrailOptions {
  readonly app: string;
  readonly policy: Policy;
  readonly sinks: readonly AuditSink[];
  readonly onEvent: ((record: AuditRecord) => void) | undefined;
  /** Reads along, and hears of records that a sink did not take. It never throws, and nobody waits for it. */
  readonly watch?: RecordReader | undefined;
  /** The key of the subjects' and the places' pseudonyms. */
  readonly secret: string;
  readonly logger: Logger;
}

export function createAuditTrail(options: AuditTrailOptions): AuditTrail {
  const { app, policy, sinks, onEvent, watch, secret, logger } = options;
  const failed = (error: unknown) => logger.error(`curfew: an audit sink failed: ${messageOf(error)}`);
  for (const sink of sinks) sink.onTrouble?.(failed);
  const attempt = async (work: () => void | Promise<void>, onFailure = () => {}) => {
    try {
      await work();
    } catch (error) {
      failed(error);
      onFailure();
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
      watch?.see(gapOf(record));
      return record;
    }
  };
  const placeKey = derivedKey(secret, "place");
  const isHeard = sinks.length > 0 || onEvent !== undefined || watch !== undefined;
  const pseudonymOf = remembering(REMEMBERED, (subject) => keyedHash(secret, subject));
  const placeOf = remembering(REMEMBERED, (browser) =>
    placeHash(placeKey, JSON.parse(browser) as CallingBrowser),
  );
  const whose = (of: AuditedSession | AuditedPseudonym) => ({
    sid: of.sid,
    subject: of.pseudonym ?? ("subject" in of ? pseudonymOf(of.subject) : ""),
  });
  const saidBy = ({ actor, note, browser, from }: Attribution) => {
    const place = browser === undefined ? (from ?? null) : placeOf(JSON.stringify(browser));
    return {
      ...(actor === undefined ? {} : { actor }),
      ...(note === undefined ? {} : { note }),
      ...(place === null ? {} : { from: place }),
    };
  };
  const trailBy = (by: Attribution): AuditTrail => ({
    said: () => saidBy(by),
    record(type, now, of, facts = {}) {
      if (!isHeard) return;
      // A record that stands for several events is from no one place.
      const isOne = of !== null && (facts.count ?? 1) === 1;
      const { from, ...acted } = saidBy(by);
      const record: AuditRecord = {
        v: 1,
        at: isoInstant(now),
        type,
        app,
        ...(of === null ? {} : whose(of)),
        ...detailsOf(facts),
        ...acted,
        ...(from === undefined || !isOne ? {} : { from }),
        policy: policy.fingerprint,
        ...(policy.unsafeForTesting ? { unsafeForTesting: true } : {}),
        ...(isObserving(policy, now) ? { enforced: false } : {}),
      };
      const numbered = numberedBy(record);
      for (const sink of others)
        void attempt(
          () => sink.write(numbered),
          () => watch?.see(gapOf(numbered)),
        );
      if (onEvent) void attempt(() => onEvent(numbered));
      watch?.see(numbered);
    },
    place: () => saidBy(by).from ?? null,
    by: trailBy,
    head: () => log?.head?.() ?? null,
    async close() {
      await watch?.close();
      await Promise.all(sinks.map((sink) => attempt(() => sink.close?.())));
    },
  });
  return trailBy({});
}

/** What the watch hears of a record that is lost. */
function gapOf({ v, at, app, policy }: AuditRecord): AuditRecord {
  return { v, at, type: "audit_gap", app, count: 1, policy };
}

const INSTANTS: ReadonlySet<string> = new Set(AUDITED_INSTANTS);

/** In the order in which they were told. */
function detailsOf(facts: AuditFacts): AuditDetails {
  const entries = Object.entries(facts).map(([name, value]) => [
    name,
    INSTANTS.has(name) ? isoInstant(Number(value)) : value,
  ]);
  return Object.fromEntries(entries) as AuditDetails;
}
