/** Hands every audit event to the sinks and to the app. A sink that fails is logged and never stops a request. */
import { messageOf } from "../platform/errors.js";
import type { Logger } from "../platform/logger.js";
import { keyedHash } from "../platform/secrets.js";
import type { Policy } from "../policy/policy.types.js";
import type { AuditDetails, AuditRecord, AuditSink, AuditType } from "./audit-record.js";

export interface AuditTrail {
  /** @param now the store's time */
  record(type: AuditType, now: number, of: AuditedSession | null, details?: AuditDetails): void;
  close(): Promise<void>;
}

export interface AuditedSession {
  readonly sid: string;
  readonly subject: string;
}

export interface AuditTrailOptions {
  readonly app: string;
  readonly policy: Policy;
  readonly sinks: readonly AuditSink[];
  readonly onEvent: ((record: AuditRecord) => void) | undefined;
  /** The key of the subject's pseudonym. */
  readonly secret: string;
  readonly logger: Logger;
}

export function createAuditTrail(options: AuditTrailOptions): AuditTrail {
  const { app, policy, sinks, onEvent, secret, logger } = options;
  const failed = (error: unknown) => logger.error(`curfew: an audit sink failed: ${messageOf(error)}`);
  const attempt = async (work: () => void | Promise<void>) => {
    try {
      await work();
    } catch (error) {
      failed(error);
    }
  };
  return {
    record(type, now, of, details = {}) {
      const record: AuditRecord = {
        v: 1,
        at: new Date(now).toISOString(),
        type,
        app,
        ...(of === null ? {} : { sid: of.sid, subject: keyedHash(secret, of.subject) }),
        ...details,
        policy: policy.fingerprint,
        ...(policy.unsafeForTesting ? { unsafeForTesting: true } : {}),
        ...(policy.enforceFromAt !== null && now < policy.enforceFromAt ? { enforced: false } : {}),
      };
      for (const sink of sinks) void attempt(() => sink.write(record));
      if (onEvent) void attempt(() => onEvent(record));
    },
    async close() {
      await Promise.all(sinks.map((sink) => attempt(() => sink.close?.())));
    },
  };
}
