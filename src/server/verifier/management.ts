/** What an app does with sessions from outside a request: list them, end them, ask after the store's health. */

import type { RequestedEnd } from "../../session/end.js";
import type { HttpContext } from "../http/context.js";
import { actingFor } from "../lifecycle/acting.js";
import type { NodesState, ServerContext } from "../lifecycle/context.js";
import { currentSession, endSession } from "../lifecycle/settle.js";
import { startComparing, startSweeper, startTelling } from "../lifecycle/sweeper.js";
import { type Session, sessionOf } from "../lifecycle/view.js";
import { type DeadLetter, deadLetters, replayDeadLetters } from "../outbox/dead-letters.js";
import { reviewOf } from "../policy/review.js";
import { boundedStore } from "../stores/bounded.js";
import { type ActedBy, readActedBy } from "../subject/acted-by.js";
import { moveSession, sessionOfOwnId } from "../subject/adoption.js";
import { type EndScope, readScope, refuseBadReason, refuseNoText } from "../subject/call-values.js";
import { endEverySession, endOtherSessions, endSubject } from "../subject/ends.js";
import { forgetSubject, pseudonymsOf } from "../subject/forget.js";
import { endByProvider, PLAIN_NAMES, type ProviderEnd, refuseBadEnd } from "../subject/provider-ends.js";
import { allOf, listSessions } from "../subject/sessions.js";
import { endWithGroup } from "../subject/shared-sign-in.js";
import type { CheckedOptions } from "./read-options.js";

export interface EndOptions extends ActedBy {
  /** What ends: this session (default), or what all apps of the group have of its sign-in. */
  readonly scope?: EndScope;
}

export interface Health extends NodesState {
  /** Whether the store answers. */
  readonly status: "ok" | "unavailable";
  /** The day by which the policy is to be reviewed, where it names one, and whether it is past. */
  readonly review: { readonly by: string; readonly isPast: boolean } | null;
}

const UNKNOWN: Omit<Health, "status"> = {
  drift: { status: "unknown", since: null, in: [] },
  nodes: [],
  review: null,
};

export interface Management {
  /**
   * Ends a session now. `signed-out` where the person asked for it. As with each call here that changes something, `actor` and
   * `note` say in the audit trail who makes it, and why. With `scope: "group"` also what the other apps of the group have of
   * the same sign-in: each finds it at its next check. @throws SessionError, StoreUnavailableError
   */
  end(sid: string, reason?: RequestedEnd, options?: EndOptions): Promise<void>;
  /**
   * Ends what came of a session at the identity provider (`iss` and `sid`, as `start` was told them by `idp`), or of a person
   * there (`iss` and `sub`), and any sign-in that rests on it: for what a provider tells by other ways than OpenID Connect's,
   * such as SAML. Resolves with how many sessions have ended.
   */
  endByIdp(end: ProviderEnd, reason?: RequestedEnd, by?: ActedBy): Promise<number>;
  /** Ends the session of an app's own id now (`identify`). */
  endOwn(id: string, reason?: RequestedEnd, by?: ActedBy): Promise<void>;
  /** The live session of a sid; null where it has ended or there is none. */
  find(sid: string): Promise<Session | null>;
  /** Ends every session of a subject now, and any sign-in of theirs that has begun. */
  endAll(subject: string, reason?: RequestedEnd, by?: ActedBy): Promise<void>;
  /**
   * Ends the other sessions of the subject whose session this is, and any sign-in of theirs that has begun. Resolves with
   * how many sessions there were.
   */
  endOthers(sid: string, reason?: RequestedEnd, by?: ActedBy): Promise<number>;
  /**
   * Ends every session of the app, and any sign-in that has begun: after a store was restored from a backup. Resolves with
   * how many sessions there were.
   */
  endEverything(by?: ActedBy): Promise<number>;
  /**
   * Forgets a person, where the options say `pseudonyms: "own"`: ends their sessions as `endAll` does, deletes the key of their
   * pseudonym, and takes their name out of what is kept of past sessions, so that nobody can tell which records of the trail
   * were theirs (docs/privacy.md). Walks over every session: not for a request. Resolves with how many sessions have ended.
   * @throws SessionError, StoreUnavailableError
   */
  forget(subject: string, by?: ActedBy): Promise<number>;
  /** What the trail calls a person, the newest name first: by it their records are found. @throws SessionError, StoreUnavailableError */
  pseudonyms(subject: string): Promise<readonly string[]>;
  /** What could not be told to others (docs/outbox.md). */
  readonly outbox: {
    /** What was tried for three days in vain, and is tried no more. Walks over every session: not for a request. @throws StoreUnavailableError */
    deadLetters(): Promise<readonly DeadLetter[]>;
    /** Tries it again, all or the one of this id, and says how many there were. @throws StoreUnavailableError */
    replay(id?: string): Promise<number>;
  };
  /** The live sessions of a subject. */
  list(subject: string): Promise<readonly Session[]>;
  /** The session of an app's own id has a new id: no clock moves (`identify`). */
  moved(oldId: string, newId: string, by?: ActedBy): Promise<void>;
  /** Resolves once the store has passed its self-test and the provider, where it can be reached, its own. @throws ConfigurationError, StoreUnavailableError */
  ready(): Promise<void>;
  /** Whether the store answers, and whether the nodes that share it run the same. Never rejects. */
  health(): Promise<Health>;
  /** Stops the sweeper and closes the sinks and the store; once, however often it is called. @throws StoreUnavailableError */
  close(): Promise<void>;
}

/**
 * @param context what the calls work with, in the time that a request may wait
 * @param opened the same for whoever can wait until the store has passed its self-test, or failed it
 */
export function createManagement(
  { store, group, logger, idp, watch }: Pick<CheckedOptions, "store" | "group" | "logger" | "idp" | "watch">,
  context: () => Promise<ServerContext>,
  opened: () => Promise<Pick<HttpContext, "context" | "events">>,
  provider: { ready(): Promise<void>; close(): void },
): Management {
  const stops = [
    startSweeper(context, logger),
    startComparing(context, logger),
    ...(watch?.webhook === undefined ? [] : [startTelling(context, logger)]),
  ];
  let closing: Promise<void> | null = null;
  const close = async () => {
    const stopped = stops.map((stop) => stop());
    provider.close();
    const http = await opened().catch(() => null);
    // What it ends is told before the sinks are closed.
    await Promise.all(stopped);
    http?.events.close();
    http?.context.signals.close();
    await http?.context.endRecords.settled();
    await http?.context.notices.settled();
    await http?.context.outbox.settled();
    http?.context.bursts.tellRest();
    await http?.context.audit.close();
    // Last, with the log's last head. Where the store is away, the others see by the time that this node is not there any more.
    await http?.context.nodes.leave().catch(() => {});
    await boundedStore(store, () => {}).close();
    if (group?.store !== undefined) await boundedStore(group.store, () => {}).close();
  };
  /** The context of one call. @throws SessionError before the store is asked */
  const acting = async (call: string, by: ActedBy | undefined, reason?: RequestedEnd) => {
    if (reason !== undefined) refuseBadReason(call, reason);
    const attribution = readActedBy(call, by);
    return actingFor(await context(), attribution);
  };
  return {
    async end(sid, reason = "revoked", options) {
      refuseNoText("end() was given", "sid", sid);
      const { scope, rest: by } = readScope<ActedBy>("end() was given", options);
      const server = await acting("end() was given", by, reason);
      await (scope === "group" ? endWithGroup : endSession)(server, sid, reason);
    },
    async endByIdp(end, reason = "revoked", by) {
      refuseBadEnd(end);
      const names = typeof idp === "object" && idp.issuer === end.iss ? idp : PLAIN_NAMES;
      return endByProvider(await acting("endByIdp() was given", by, reason), end, names, reason);
    },
    async endOwn(id, reason = "revoked", by) {
      const server = await acting("endOwn() was given", by, reason);
      const session = await sessionOfOwnId(server, id);
      if (session?.status === "active") await endSession(server, session.record.sid, reason);
    },
    async find(sid) {
      refuseNoText("find() was given", "sid", sid);
      const session = await currentSession(await context(), sid);
      return session?.status === "active" ? sessionOf(session) : null;
    },
    async endAll(subject, reason = "revoked", by) {
      await endSubject(await acting("endAll() was given", by, reason), subject, reason);
    },
    async endOthers(sid, reason = "revoked", by) {
      refuseNoText("endOthers() was given", "sid", sid);
      return endOtherSessions(await acting("endOthers() was given", by, reason), sid, reason);
    },
    async endEverything(by) {
      return endEverySession(await acting("endEverything() was given", by));
    },
    async forget(subject, by) {
      return forgetSubject(await acting("forget() was given", by), subject);
    },
    async pseudonyms(subject) {
      return pseudonymsOf(await context(), subject);
    },
    outbox: {
      deadLetters: async () => allOf(deadLetters(await context())),
      replay: async (id) => replayDeadLetters(await context(), id),
    },
    async list(subject) {
      return listSessions(await context(), subject);
    },
    async moved(oldId, newId, by) {
      await moveSession(await acting("moved() was given", by), oldId, newId);
    },
    async ready() {
      await opened();
      await provider.ready();
    },
    async health() {
      const known = await context().catch(() => null);
      if (known === null) return { status: "unavailable", ...UNKNOWN };
      const answers = known.store.now().catch(() => null);
      const [state, now] = await Promise.all([known.nodes.state(), answers]);
      return {
        status: now === null ? "unavailable" : "ok",
        ...state,
        review: now === null ? null : reviewOf(known.policy, now),
      };
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}
