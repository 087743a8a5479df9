/** Joins the watch to the trail: an alert is a record, and is told to whoever wants to know. */
import { warnEarly } from "../activity/early-warning.js";
import type { AuditTrail, RecordReader } from "../audit/audit-trail.js";
import type { ServerContext } from "../lifecycle/context.js";
import { messageOf } from "../platform/errors.js";
import type { Logger } from "../platform/logger.js";
import type { Policy } from "../policy/policy.types.js";
import type { Alert } from "../watch/alert.js";
import { createLiveWatch } from "../watch/live-watch.js";
import type { WatchOptions } from "../watch/options.js";
import { createWatcher } from "../watch/watcher.js";

interface WatchingOptions {
  readonly watch?: WatchOptions | undefined;
  readonly policy: Policy;
  readonly logger: Logger;
}

/** Who tells others of an alert (`outbox/alerts.ts`). */
interface AlertCarrier {
  put(alert: Alert): Promise<void>;
  settled(): Promise<void>;
}

/** Asked for when there is an alert: the trail itself is made with the watch. */
interface WatchedParts {
  readonly audit: () => AuditTrail;
  /** Null where alerts are told to no webhook. */
  readonly alerts: () => AlertCarrier | null;
  readonly context: () => ServerContext;
}

/** Undefined where the app does not watch. */
export function watchOf(
  { watch, policy, logger }: WatchingOptions,
  { audit, alerts, context }: WatchedParts,
): RecordReader | undefined {
  if (watch === undefined) return undefined;
  const { onAlert, webhook: _, ...only } = watch;
  const running = new Set<Promise<void>>();
  const hold = (work: Promise<void>) => {
    const held: Promise<void> = work.then(() => void running.delete(held));
    running.add(held);
  };
  const tellApp = async (alert: Alert) => {
    try {
      await onAlert?.(alert);
    } catch (error) {
      logger.error(`curfew: onAlert failed for ${alert.rule}: ${messageOf(error)}`);
    }
  };
  const warn = async ({ rule, of }: Alert) => {
    const early = policy.watch.warnEarly?.find((one) => one === rule);
    if (early === undefined || of === null) return;
    try {
      await warnEarly(context(), of.sid, early);
    } catch (error) {
      logger.error(
        `curfew: the warning of session ${of.sid} was not opened early (${rule}): ${messageOf(error)}`,
      );
    }
  };
  const announce = (alert: Alert) => {
    recordAlert(audit(), alert);
    hold(warn(alert));
    void tellApp(alert);
  };
  const live = createLiveWatch({
    watcher: createWatcher({ watch: policy.watch, terms: () => policy, ...only }),
    logger,
    raise(alert) {
      const outbox = alerts();
      if (outbox === null) return announce(alert);
      // The store first: whatever the trail has is told to the webhook too.
      hold(outbox.put(alert).then(() => announce(alert)));
    },
  });
  return {
    see: live.see,
    async close() {
      await live.close();
      while (running.size > 0) await Promise.all(running);
      await alerts()?.settled();
    },
  };
}

function recordAlert(
  audit: AuditTrail,
  { at, of, rule, severity, since, count, evidence, because }: Alert,
): void {
  const whose = of === null ? null : { sid: of.sid, pseudonym: of.subject };
  audit.record("alert_raised", at, whose, { rule, severity, since, count, evidence, because });
}
