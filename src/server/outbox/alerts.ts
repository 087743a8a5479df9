/**
 * Tells a webhook of alerts at least once. What is to be told stands in the store, in one record an app, and goes only when
 * the receiver has taken it: whichever node is killed, another one tells it. Whoever tries moves an alert's time on first, by
 * compare-and-set, so that no other node tries it meanwhile.
 */
import type { AuditTrail } from "../audit/audit-trail.js";
import { changeSubject } from "../lifecycle/change-subject.js";
import type { AlertTeller } from "../lifecycle/context.js";
import { DeliveryError } from "../lifecycle/receiver.js";
import { systemClock } from "../platform/clock.js";
import { messageOf } from "../platform/errors.js";
import type { Logger } from "../platform/logger.js";
import { randomText } from "../platform/secrets.js";
import type { WebhookOptions } from "../platform/webhook-options.js";
import type { Policy } from "../policy/policy.types.js";
import { alertsOf, type WaitingAlert } from "../record/alerts.js";
import type { SubjectRecord } from "../record/subject.js";
import type { SessionStore } from "../stores/store.js";
import type { Alert } from "../watch/alert.js";
import { ALERT_WEBHOOK, alertBody, alertReceiver } from "./alert-webhook.js";
import { createPauses } from "./pauses.js";
import { backOffAfter, heededWait, isGivenUp, LEASE_PERIOD, TRY_PERIOD } from "./retries.js";

interface AlertOutbox extends AlertTeller {
  /** Resolves once the store has it; where the store does not answer, this process keeps it and tries again. Never throws. */
  put(alert: Alert): Promise<void>;
  /** Resolves when none is under way. */
  settled(): Promise<void>;
}

interface AlertOutboxOptions {
  readonly app: string;
  readonly webhook: WebhookOptions;
  readonly store: SessionStore;
  readonly policy: Policy;
  readonly logger: Logger;
  readonly audit: Pick<AuditTrail, "record">;
}

/** An alert that the store has not taken yet. */
interface NewAlert extends Pick<WaitingAlert, "id" | "rule" | "of" | "body"> {
  /** When it was raised. */
  readonly at: number;
}

/** What waits at most. They are one record, which every change writes anew: about 150 KiB. */
const MOST_WAITING = 200;
/** How many are posted at a time; one alone as long as the receiver takes none. */
const AT_ONCE = 8;
/** A store that did not answer is not asked for each alert anew. */
const AGAIN_PERIOD = 1_000;
/** Longer than anything in it is tried. */
const KEPT_PERIOD = TRY_PERIOD + LEASE_PERIOD;
const TO = "alerts";

export function createAlertOutbox(options: AlertOutboxOptions): AlertOutbox {
  const { app, store, policy, logger, audit } = options;
  const post = alertReceiver(options.webhook);
  const pauses = createPauses([TO]);
  let unwritten: readonly NewAlert[] = [];
  let writing: Promise<void> = Promise.resolve();
  let round: Promise<void> | null = null;
  let awayUntil = Number.NEGATIVE_INFINITY;
  let isTroubled = false;
  const said = new Set<"away" | "full" | "dead">();

  const sayOnce = (what: "away" | "full" | "dead", text: string): void => {
    if (said.has(what)) return;
    said.add(what);
    logger.error(`curfew: ${text}`);
  };
  const change = (
    next: (alerts: readonly WaitingAlert[], now: number) => readonly WaitingAlert[] | null,
  ): Promise<SubjectRecord> =>
    changeSubject({ store, policy }, alertsOf(app), (kept, now) => {
      const alerts = next(kept.alerts ?? [], now);
      return alerts && { ...kept, alerts, purgeAt: Math.max(kept.purgeAt, now + KEPT_PERIOD) };
    });
  /** The trail has each of them, the log the first. */
  const lose = (
    lost: readonly (Pick<NewAlert, "of" | "rule"> & { readonly attempts?: number })[],
    why: "full" | "dead",
    now: number,
  ) => {
    for (const { of = null, rule, attempts = 0 } of lost)
      audit.record("outbox_dead", now, of, { code: "alert", rule, count: attempts });
    if (lost.length > 0)
      sayOnce(
        why,
        why === "full"
          ? `more than ${MOST_WAITING} alerts wait for ${ALERT_WEBHOOK}, and the oldest are told no more: they stand in the audit trail (alert_raised, and outbox_dead for each); mend the receiver`
          : `${ALERT_WEBHOOK} was not told of an alert (${lost[0]?.rule}) for 3 days: it is tried no more, and stands in the audit trail (alert_raised, outbox_dead); mend the receiver`,
      );
  };
  /** What this process keeps while the store is away is no more than what the store would. */
  const keepNewest = (): void => {
    const rest = unwritten.slice(0, -MOST_WAITING);
    unwritten = unwritten.slice(-MOST_WAITING);
    lose(rest, "full", rest[0]?.at ?? 0);
  };
  /** Writes down what this process has raised. @param isAsked also where the store has just not answered. Never throws */
  const write = async (isAsked: boolean): Promise<void> => {
    if (unwritten.length === 0) return;
    if (!isAsked && systemClock.monotonic() < awayUntil) return keepNewest();
    const added = unwritten;
    let [dropped, at]: [readonly WaitingAlert[], number] = [[], 0];
    try {
      await change((alerts, now) => {
        // The store may have taken some without an answer in time.
        const fresh = added.filter(({ id }) => alerts.every((one) => one.id !== id));
        const first = { since: now, attempts: 0, nextAt: now };
        const all = [...alerts, ...fresh.map(({ at: _, ...one }) => ({ ...one, ...first }))];
        dropped = all.slice(0, -MOST_WAITING);
        at = now;
        return all.slice(-MOST_WAITING);
      });
    } catch (error) {
      awayUntil = systemClock.monotonic() + AGAIN_PERIOD;
      sayOnce("away", `alerts wait in this process for the store: ${messageOf(error)}`);
      return keepNewest();
    }
    said.delete("away");
    unwritten = unwritten.filter((one) => !added.includes(one));
    lose(dropped, "full", at);
  };
  const writeNext = (isAsked: boolean): Promise<void> => {
    writing = writing.then(() => write(isAsked));
    return writing;
  };

  /** Takes what is due, so that no other node does. @throws StoreUnavailableError */
  const claim = async (): Promise<readonly WaitingAlert[]> => {
    let [claimed, dead, at]: [readonly WaitingAlert[], readonly WaitingAlert[], number] = [[], [], 0];
    await change((alerts, now) => {
      const due = alerts.filter(({ nextAt }) => nextAt <= now);
      const isPaused = pauses.until(TO, now) !== null;
      dead = isPaused ? due.filter((one) => isGivenUp(one, now)) : [];
      claimed = isPaused ? [] : due.slice(0, isTroubled ? 1 : AT_ONCE);
      at = now;
      if (dead.length + claimed.length === 0) return null;
      return alerts
        .filter((one) => !dead.includes(one))
        .map((one) => (claimed.includes(one) ? { ...one, nextAt: now + LEASE_PERIOD } : one));
    });
    lose(dead, "dead", at);
    return claimed;
  };
  const send = async (alert: WaitingAlert): Promise<DeliveryError | null> => {
    try {
      await post(alert);
      return null;
    } catch (error) {
      if (error instanceof DeliveryError) return error;
      return new DeliveryError(`${ALERT_WEBHOOK} could not be told`, { isDown: false, wait: null });
    }
  };
  /** Where the store is away the lease runs out, and they are told once more. @throws StoreUnavailableError */
  const note = async (failures: ReadonlyMap<string, DeliveryError | null>): Promise<void> => {
    let [dead, at]: [readonly WaitingAlert[], number] = [[], 0];
    await change((alerts, now) => {
      const tried = alerts.flatMap((one) => {
        const failure = failures.get(one.id);
        if (failure === undefined) return one;
        const attempts = one.attempts + 1;
        const nextAt = now + backOffAfter(attempts, heededWait(failure?.wait ?? null));
        return failure === null ? [] : { ...one, attempts, nextAt };
      });
      dead = tried.filter((one) => failures.has(one.id) && isGivenUp(one, now));
      at = now;
      return tried.filter((one) => !dead.includes(one));
    });
    for (const failure of failures.values())
      if (failure?.isDown) pauses.begin(TO, at, heededWait(failure.wait));
    lose(dead, "dead", at);
  };
  const noteTrouble = (failure: DeliveryError | null): void => {
    if (failure === null) {
      pauses.end(TO);
      said.delete("full");
      said.delete("dead");
    }
    if (isTroubled === (failure !== null)) return;
    isTroubled = failure !== null;
    if (failure === null) logger.info(`curfew: ${ALERT_WEBHOOK} takes what it is told again`);
    else logger.warn(`curfew: ${failure.message}: an alert waits to be told, and is tried again for 3 days`);
  };
  const tell = async (): Promise<void> => {
    for (let isWell = true; isWell; ) {
      const claimed = await claim();
      if (claimed.length === 0) return;
      const failures = await Promise.all(claimed.map(send));
      const failed = failures.find((failure) => failure !== null) ?? null;
      noteTrouble(failed);
      await note(new Map(claimed.map(({ id }, at) => [id, failures[at] ?? null])));
      isWell = failed === null;
    }
  };
  const tellNext = (): Promise<void> => {
    round ??= tell().finally(() => {
      round = null;
    });
    return round;
  };

  return {
    put(alert) {
      const id = randomText(16);
      const { rule, of, at } = alert;
      const whose = of === null ? {} : { of: { sid: of.sid, pseudonym: of.subject } };
      unwritten = [...unwritten, { id, rule, ...whose, at, body: alertBody(alert, id, app) }];
      const written = writeNext(false);
      // Where the store is away, or the receiver, whoever tends tells it.
      void written.then(tellNext).catch(() => {});
      return written;
    },
    async tend() {
      await writeNext(true);
      await tellNext();
    },
    async settled() {
      await writeNext(true);
      await round?.catch(() => {});
      if (unwritten.length > 0)
        logger.error(
          `curfew: ${unwritten.length} alerts are told to nobody, since the store is away: they stand in the audit trail`,
        );
    },
  };
}
