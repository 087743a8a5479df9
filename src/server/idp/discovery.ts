/**
 * What an OpenID provider says of itself (OpenID Connect Discovery 1.0), and its keys as they are now. No request leaves the
 * issuer's own host and those that the configuration names beside it.
 */
import * as v from "valibot";
import { systemClock } from "../platform/clock.js";
import { ConfigurationError } from "../platform/errors.js";
import { type AskJson, UnreachableError } from "../platform/outgoing.js";

/** Keys that the provider has taken back are believed no longer than this. */
const KEYS_PERIOD = 10 * 60_000;
/** How soon keys are asked for anew because a token names one that is not there: anybody can send such tokens. */
const RENEW_INTERVAL = 10_000;

const document = v.looseObject({
  issuer: v.string(),
  jwks_uri: v.string(),
  id_token_signing_alg_values_supported: v.optional(v.array(v.string()), ["RS256"]),
  revocation_endpoint: v.optional(v.string()),
  end_session_endpoint: v.optional(v.string()),
});
const keySet = v.looseObject({ keys: v.array(v.looseObject({ kty: v.string() })) });

interface ProviderDocument {
  readonly keysAt: URL;
  /** The algorithms that the provider signs by. */
  readonly algorithms: readonly string[];
  readonly written: v.InferOutput<typeof document>;
}

/** Where the provider hears of ends: RFC 8414, section 2; OpenID Connect RP-Initiated Logout 1.0, section 2.1. */
type EndpointName = "revocation_endpoint" | "end_session_endpoint";

/** Public keys, as their owner writes them. */
type KeySet = v.InferOutput<typeof keySet>;

export interface Discovery {
  /** @throws ConfigurationError for a document that is not to be believed; UnreachableError */
  document(): Promise<ProviderDocument>;
  /** @throws ConfigurationError where the document names none, or one of another host; UnreachableError */
  endpoint(name: EndpointName): Promise<URL>;
  /**
   * @param since by the monotonic clock: they must have been read after that, for a token names one that is not among them
   * @throws ConfigurationError, UnreachableError also where newer keys may not be asked for yet
   */
  keys(since?: number): Promise<KeySet>;
}

/** @param hosts further hosts that the document may name */
export function createDiscovery(issuer: string, hosts: readonly string[], ask: AskJson): Discovery {
  const read = once(async () => documentOf(issuer, hosts, await ask(documentAt(issuer))));
  let known: { readonly keys: KeySet; readonly readAt: number } | null = null;
  const renew = once(async () => {
    const { keysAt } = await read.current();
    const { success, output } = v.safeParse(keySet, await ask(keysAt));
    if (!success) throw new UnreachableError(`${keysAt.host} answers no key set at ${keysAt.pathname}`);
    known = { keys: output, readAt: systemClock.monotonic() };
    return output;
  });
  return {
    document: read.current,
    async endpoint(name) {
      const { written } = await read.current();
      const address = written[name];
      if (address !== undefined) return addressIn({ issuer, hosts }, address, `its ${name}`);
      throw new ConfigurationError(
        `the discovery document of ${issuer} names no ${name}, so it cannot be told of ends this way: leave end out, or choose another`,
      );
    },
    async keys(since = Number.NEGATIVE_INFINITY) {
      const age = known === null ? Number.POSITIVE_INFINITY : systemClock.monotonic() - known.readAt;
      if (known !== null && known.readAt > since && age < KEYS_PERIOD) return known.keys;
      if (age < RENEW_INTERVAL)
        throw new UnreachableError(
          `the keys of ${issuer} were asked for just now, and are not asked for again yet`,
        );
      return renew.again();
    },
  };
}

/** OpenID Connect Discovery 1.0, section 4: what follows the issuer's path. */
function documentAt(issuer: string): URL {
  return new URL(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
}

/** @throws ConfigurationError, UnreachableError */
function documentOf(issuer: string, hosts: readonly string[], value: unknown): ProviderDocument {
  const { success, output } = v.safeParse(document, value);
  if (!success) throw new UnreachableError(`${issuer} answers no discovery document`);
  if (output.issuer !== issuer)
    throw new ConfigurationError(
      `the provider at ${issuer} calls itself ${shown(output.issuer)}: write the issuer as it does, to the letter`,
    );
  const keysAt = addressIn({ issuer, hosts }, output.jwks_uri, "its keys");
  return { keysAt, algorithms: output.id_token_signing_alg_values_supported, written: output };
}

/** @throws ConfigurationError for an address at a host that nobody has named */
function addressIn(
  { issuer, hosts }: { readonly issuer: string; readonly hosts: readonly string[] },
  text: string,
  what: string,
): URL {
  const { protocol, host } = new URL(issuer);
  const address = URL.canParse(text) ? new URL(text) : null;
  if (address !== null && address.protocol === protocol && [host, ...hosts].includes(address.host))
    return address;
  throw new ConfigurationError(
    `the discovery document of ${issuer} has ${what} at ${shown(text)}, another host: if they are there, name it in hosts`,
  );
}

/** A text of somebody else's, as it may stand in a log. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}

/** One call at a time, whose result is kept; one that failed is made again. */
function once<T>(work: () => Promise<T>) {
  let last: Promise<T> | null = null;
  let isUnderWay = false;
  const again = (): Promise<T> => {
    if (last !== null && isUnderWay) return last;
    isUnderWay = true;
    const call = work().finally(() => {
      isUnderWay = false;
    });
    last = call;
    call.catch(() => {
      if (last === call) last = null;
    });
    return call;
  };
  return { again, current: () => last ?? again() };
}
