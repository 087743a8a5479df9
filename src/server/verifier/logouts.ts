/**
 * Takes logouts that the provider tells of. It answers 200 once the ends are written, never before; what cannot be written
 * now is answered 503 and tried again for a while, since the provider will not come back.
 */
import type { HttpAnswer, HttpRequest } from "../http/exchange.js";
import { LOGGED_OUT, readLogoutPost } from "../http/logout-post.js";
import { answerOf, refused, refusedBy, wrongMethod } from "../http/problems.js";
import type { IdentityProvider, ProviderLogout } from "../idp/provider.types.js";
import { actingFor } from "../lifecycle/acting.js";
import type { ServerContext } from "../lifecycle/context.js";
import { later, systemClock } from "../platform/clock.js";
import { ConfigurationError, messageWithCause, Refusal } from "../platform/errors.js";
import type { Logger } from "../platform/logger.js";
import { endByProvider } from "../subject/provider-ends.js";
import { isSpent, spend } from "../subject/spent-tokens.js";

interface Logouts {
  /** Answers the provider's post. */
  answer(request: HttpRequest): Promise<HttpAnswer>;
  /** Tries no more. */
  close(): void;
}

/** How long what could not be written is tried again: 60 s. */
const KEPT_PERIOD = 60_000;
const RETRY_INTERVAL = 1_000;
/** How many verified logouts wait at most, and how many whose signature nobody could check yet: anybody can send those. */
const MOST_VERIFIED = 10_000;
const MOST_UNVERIFIED = 100;

interface Pending {
  readonly token: string;
  /** What it says, once its signature was found good. */
  logout: ProviderLogout | null;
  /** By the process's monotonic clock. */
  readonly arrivedAt: number;
}

/** @param open what the rules work with, in the time that a request may wait. @throws StoreUnavailableError */
export function createLogouts(
  provider: IdentityProvider,
  open: () => Promise<ServerContext>,
  logger: Logger,
): Logouts {
  const waiting = new Set<Pending>();
  let stop: (() => void) | null = null;
  let isClosed = false;

  /** @throws Refusal for a token that is not good, whatever comes; any other error: not now */
  const carryOut = async (pending: Pending): Promise<void> => {
    // Where the store is away its clock is, too. What is not the provider's waits for nothing.
    pending.logout ??= await provider.readLogout(pending.token, await storeTime(open));
    const { logout } = pending;
    const context = await open();
    if (await isSpent(context, logout))
      throw new Refusal("bad-request", "The logout token was taken before.", { code: "jti" });
    const idps = actingFor(context, { actor: "idp" });
    const ended = await endByProvider(idps, endOf(logout), provider, "revoked");
    await spend(context, logout);
    const code = logout.sid === undefined ? "sub" : "sid";
    const told = { reason: "revoked", code, count: ended } as const;
    idps.audit.record("idp_logout", await context.store.now(), null, told);
  };
  const keep = (pending: Pending): void => {
    const alike = [...waiting].filter(({ logout }) => (logout === null) === (pending.logout === null)).length;
    if (isClosed || alike >= (pending.logout === null ? MOST_UNVERIFIED : MOST_VERIFIED)) {
      logger.error(
        "curfew: a logout of the provider is lost: too many wait for the store or for the provider's keys",
      );
      return;
    }
    waiting.add(pending);
    stop ??= later(RETRY_INTERVAL, tryAgain);
  };
  const tryAgain = async (): Promise<void> => {
    for (const pending of [...waiting])
      try {
        await carryOut(pending);
        waiting.delete(pending);
      } catch (error) {
        const isOver = systemClock.monotonic() >= pending.arrivedAt + KEPT_PERIOD;
        if (error instanceof Refusal) await note(open, error);
        else if (isOver)
          logger.error(
            `curfew: a logout of the provider is lost, which could not be carried out for ${KEPT_PERIOD / 1_000} s: ${messageWithCause(error)}`,
          );
        else continue;
        waiting.delete(pending);
      }
    stop = waiting.size > 0 && !isClosed ? later(RETRY_INTERVAL, tryAgain) : null;
  };
  return {
    async answer(request) {
      if (request.method !== "POST") return answerOf(wrongMethod("POST"));
      let pending: Pending | null = null;
      try {
        const token = await readLogoutPost(request);
        pending = { token, logout: null, arrivedAt: systemClock.monotonic() };
        await carryOut(pending);
        return LOGGED_OUT;
      } catch (error) {
        if (error instanceof Refusal) {
          await note(open, error);
          return answerOf(refusedBy(error));
        }
        logger.error(`curfew: a logout of the provider waits: ${messageWithCause(error)}`);
        if (pending !== null) keep(pending);
        return answerOf(
          refused("unavailable", { detail: "The logout cannot be carried out now; it is tried again." }),
        );
      }
    },
    close() {
      isClosed = true;
      stop?.();
      if (waiting.size > 0)
        logger.error(`curfew: ${waiting.size} logouts of the provider were not carried out before the end`);
      waiting.clear();
    },
  };
}

/** A provider that cannot be reached now is tried again when it is needed. @throws ConfigurationError */
export async function providerReady(provider: IdentityProvider, logger: Logger): Promise<void> {
  try {
    await provider.ready();
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    logger.warn(`curfew: the provider ${provider.issuer} cannot be asked now: ${messageWithCause(error)}`);
  }
}

function endOf({ iss, sid, sub }: ProviderLogout) {
  if (sid !== undefined) return { iss, sid, ...(sub === undefined ? {} : { sub }) };
  if (sub !== undefined) return { iss, sub };
  throw new Refusal("bad-request", "The logout token names neither a session nor a person.", { code: "sub" });
}

/** The store's time, or this machine's where the store is away. */
async function storeTime(open: () => Promise<ServerContext>): Promise<number> {
  try {
    return await (await open()).store.now();
  } catch {
    return systemClock.now();
  }
}

/** Anybody can send what is refused, so a flood of it is a handful of records and a count. */
async function note(open: () => Promise<ServerContext>, { code }: Refusal): Promise<void> {
  const context = await open().catch(() => null);
  if (context === null) return;
  const now = await context.store.now().catch(() => systemClock.now());
  context.bursts.tell(`idp_logout_refused ${code}`, now, (count, at) =>
    context.audit.record("idp_logout_refused", at, null, { code, ...(count === 1 ? {} : { count }) }),
  );
}
