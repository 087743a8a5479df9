/** Opens what the handler and the guard work with: tries the store, then joins audit, notices, signals and limits around it. */
import type { AuditFacts } from "../audit/audit-record.js";
import { createAuditTrail } from "../audit/audit-trail.js";
import { createBursts } from "../audit/bursts.js";
import { recordThinned } from "../audit/thinned.js";
import type { HttpContext } from "../http/context.js";
import type { SessionCookies } from "../http/cookies.js";
import { createEventStreams, type EventStreams } from "../http/event-streams.js";
import { createKeptPages } from "../http/kept-pages.js";
import { createRateLimits } from "../http/limits.js";
import type { OriginRules } from "../http/origins.js";
import { otherStoreNotes } from "../http/other-store.js";
import { createPresentedSessions } from "../http/presented-session.js";
import { END_PATH } from "../http/provider-end.js";
import { scriptInclude } from "../http/script-include.js";
import type { ServerContext, SignInGroup } from "../lifecycle/context.js";
import { createEndRecords } from "../lifecycle/end-records.js";
import { createEverybody } from "../lifecycle/everybody.js";
import { createSignInGroup } from "../lifecycle/group.js";
import { createEndNotices } from "../lifecycle/notices.js";
import { currentSession } from "../lifecycle/settle.js";
import { createSessionSignals } from "../lifecycle/signals.js";
import { createUnboundSessions } from "../lifecycle/unbound-sessions.js";
import { createNodes } from "../nodes/nodes.js";
import { createAlertOutbox } from "../outbox/alerts.js";
import { createOutbox } from "../outbox/outbox.js";
import { systemClock, within } from "../platform/clock.js";
import {
  ConfigurationError,
  messageWithCause,
  StoreUnavailableError,
  UnreadableRecordError,
} from "../platform/errors.js";
import { createSignatureVerifier } from "../platform/signatures.js";
import { policyDocument } from "../policy/policy.js";
import { overdueReview } from "../policy/review.js";
import type { SessionRecord } from "../record/session.js";
import { boundedStore, storeFailure } from "../stores/bounded.js";
import { selfTest } from "../stores/self-test.js";
import type { SessionStore, WarningListener } from "../stores/store.js";
import { createOwnSessions } from "../subject/adoption.js";
import { deploymentFingerprint } from "./deployment.js";
import type { CheckedOptions } from "./read-options.js";
import { endsOf, receiversOf } from "./receivers.js";
import { watchOf } from "./watching.js";

/** How long a store may take to pass its self-test: 5 s. */
const SELF_TEST_PERIOD = 5_000;

/** @throws ConfigurationError, StoreUnavailableError */
export async function openHttp(
  options: CheckedOptions,
  cookies: SessionCookies,
  origins: OriginRules,
): Promise<HttpContext> {
  try {
    return await opened(options, cookies, origins);
  } catch (error) {
    throw error instanceof ConfigurationError ? error : storeFailure(options.store, error);
  }
}

async function opened(
  options: CheckedOptions,
  cookies: SessionCookies,
  origins: OriginRules,
): Promise<HttpContext> {
  const { clearCache, identify, adoptUntilAt, signInUrl, warnOnce } = options;
  const onWarning = storeWarnings(options);
  for (const store of [options.store, options.group?.store]) store?.onWarning?.(onWarning);
  await tested(options);
  const events = createEventStreams(options);
  const context = await openContext(options, events, onWarning);
  return {
    context,
    cookies,
    origins,
    presented: createPresentedSessions(context, {
      cookies,
      own: identify === undefined ? null : createOwnSessions(identify, adoptUntilAt),
    }),
    keptPages: createKeptPages({ cookies, clearCache, signInUrl, endUrl: endUrlOf(options) }),
    scripts: scriptInclude(),
    limits: createRateLimits(options.limits, ({ sid }, code) => void auditLimit(context, sid, code)),
    events,
    onUnknownSession: otherStoreNotes(context),
    onParsedBody: () =>
      warnOnce(
        "body parser",
        () => "a body parser runs before sessions.routes(); mount sessions.routes() first",
      ),
  };
}

async function tested({ store, group, policy, logger }: CheckedOptions): Promise<void> {
  const test = (one: SessionStore) =>
    within(
      SELF_TEST_PERIOD,
      selfTest(one, policy),
      () => new StoreUnavailableError(`the ${one.name} store did not answer in time`),
    );
  await test(store);
  if (group?.store === undefined) return;
  try {
    await test(group.store);
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    logger.error(`curfew: the store of the group ${group.name} is away at start: ${messageWithCause(error)}`);
  }
}

async function openContext(
  options: CheckedOptions,
  events: EventStreams,
  onWarning: WarningListener,
): Promise<ServerContext> {
  const { name: app, policy, signInUrl, logger, warnOnce, onEvent, onEnd } = options;
  const store = boundedStore(options.store, onWarning, () =>
    options.audit.some((sink) => sink.isRefusing?.() === true),
  );
  const { endedSince } = store;
  const secret = options.secret ?? (await store.secret());
  for (const sink of options.audit) {
    const warning = sink.warning?.() ?? null;
    if (warning !== null) onWarning(warning);
  }
  const watch = watchOf(options, { audit: () => audit, alerts: () => alerts, context: () => context });
  const audit = createAuditTrail({ app, policy, sinks: options.audit, onEvent, watch, secret, logger });
  const webhook = options.watch?.webhook;
  const alerts =
    webhook === undefined ? null : createAlertOutbox({ app, webhook, store, policy, logger, audit });
  const document = policyDocument(policy);
  const context: ServerContext = {
    app,
    policy,
    signInUrl,
    store,
    audit,
    by: {},
    bursts: createBursts(),
    secret,
    pseudonyms: options.pseudonyms,
    keepsToken: endsOf(options.idp)?.keeps ?? null,
    everybody: createEverybody(store, app, systemClock.monotonic),
    group: groupOf(options, store, onWarning),
    warnOnce,
    unbound: createUnboundSessions({ policy, base: options.base, logger }),
    nodes: createNodes({
      app,
      policy,
      document,
      deployment: deploymentFingerprint(options),
      store,
      audit,
      logger,
    }),
    signatures: createSignatureVerifier(),
    endRecords: createEndRecords(store, audit),
    notices: createEndNotices({
      onEnd,
      store,
      policy,
      secret,
      logger,
      onFailure: (record, now, count) =>
        audit.record("end_notice_failed", now, record, { ...endOf(record), count }),
    }),
    outbox: createOutbox({
      receivers: receiversOf(options),
      store,
      policy,
      secret,
      logger,
      takesNotices: onEnd === undefined && options.webhook !== undefined,
      onDead: (record, now, { to, attempts }) =>
        audit.record("outbox_dead", now, record, { ...endOf(record), code: to, count: attempts }),
    }),
    alerts,
    signals: createSessionSignals({
      find: (sid) => currentSession(context, sid),
      endedSince: endedSince && ((since) => endedSince(app, since)),
      endsUntold: options.group !== undefined,
      onChanged: events.changed,
    }),
  };
  options.store.onClockStep((step, now) => {
    logger.warn(
      `curfew: the clock of the ${store.name} store stepped by ${step} ms; sessions gain no time by it`,
    );
    audit.record("clock_stepped", now, null, { step });
  });
  const now = await store.now();
  audit.record("policy_in_force", now, null, { document });
  const overdue = overdueReview(policy, now);
  if (overdue !== null) logger.warn(`curfew: ${overdue}`);
  // Where it fails the sessions go on, and it is tried again.
  await context.nodes.tend().catch(() => {});
  return context;
}

function groupOf(
  { name: app, group, policy, logger, warnOnce }: CheckedOptions,
  store: SessionStore,
  onWarning: WarningListener,
): SignInGroup | null {
  if (group === undefined) return null;
  const { name, trusts, store: given } = group;
  const groupStore = given === undefined ? null : boundedStore(given, onWarning);
  const { monotonic } = systemClock;
  return createSignInGroup({ app, name, trusts, policy, store, groupStore, logger, warnOnce, monotonic });
}

/** Records that cannot be read for the same reason count as one: after a step back to an old release it may be all. */
function storeWarnings({ warnOnce }: CheckedOptions): WarningListener {
  return (warning) => {
    const isRecord = warning instanceof UnreadableRecordError;
    const others = isRecord ? " (others that are like it are not named)" : "";
    warnOnce(`store ${isRecord ? warning.reason : warning.message}`, () => `${warning.message}${others}`);
  };
}

/** Null where the provider is not told by the browser. */
function endUrlOf({ base, idp }: CheckedOptions): string | null {
  return endsOf(idp)?.keeps === "idToken" ? `${base}${END_PATH}` : null;
}

function endOf({ ended }: SessionRecord): Pick<AuditFacts, "reason"> {
  return ended === null ? {} : { reason: ended.reason };
}

async function auditLimit(context: ServerContext, sid: string, code: string): Promise<void> {
  const found = await context.store.find(sid).catch(() => null);
  if (found !== null) recordThinned(context, "rate_limited", found.now, found.record, { code });
}
