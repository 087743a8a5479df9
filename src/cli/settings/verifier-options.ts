/** Makes the verifier's options of the settings: stores and sinks are opened, cookies and webhooks become functions. */
import { type OidcOptions, oidc } from "../../server/idp/oidc.js";
import type { Logger } from "../../server/platform/logger.js";
import { memberOf } from "../../server/platform/members.js";
import { memoryStore } from "../../server/stores/memory.js";
import type { SessionStore } from "../../server/stores/store.js";
import type { SessionVerifierOptions } from "../../server/verifier/options.js";
import { openAuditSink } from "./audit.js";
import { identifyByCookie } from "./own-cookie.js";
import type { Settings } from "./settings.js";
import { openNamedStore } from "./stores.js";

/** @throws ConfigurationError where a store or a file cannot be opened */
export function verifierOptions(settings: Settings, logger: Logger): SessionVerifierOptions {
  const { options, store, postgres, audit, ownCookie, webhook } = settings;
  // Whatever the file says is checked by the verifier itself, as an app's own options are.
  return {
    ...options,
    logger,
    ...(store === null ? {} : { store: openNamedStore(store, postgres) }),
    audit: audit.map(openAuditSink),
    ...(ownCookie === null ? {} : { identify: identifyByCookie(ownCookie) }),
    ...(isProvider(options.idp) ? { idp: oidc(options.idp) } : {}),
    ...groupWith(options.group, (address) => openNamedStore(address, postgres)),
    ...(webhook === null ? {} : { webhook }),
  } as unknown as SessionVerifierOptions;
}

/**
 * The options for a check alone: nothing is opened, nothing is called, nothing is logged.
 * @param identifies whether the app keeps sessions of its own
 */
export function uncheckedOptions(
  options: Readonly<Record<string, unknown>>,
  identifies: boolean,
  hasStore = true,
): Readonly<Record<string, unknown>> {
  return {
    ...options,
    logger: QUIET,
    ...(isProvider(options.idp) ? { idp: oidc(options.idp) } : {}),
    ...groupWith(options.group, () => memoryStore()),
    ...(hasStore ? { store: memoryStore() } : {}),
    ...(identifies ? { identify: () => null } : {}),
  };
}

/** What the file says of a provider, in the place of `true`: `oidc()` checks it. */
function isProvider(value: unknown): value is OidcOptions {
  return typeof value === "object" && value !== null;
}

/** The group with its store, where the file names one. */
function groupWith(group: unknown, open: (address: string) => SessionStore) {
  const store = memberOf(group, "store");
  return typeof store === "string" ? { group: { ...Object(group), store: open(store) } } : {};
}

const QUIET: Logger = { info: () => {}, warn: () => {}, error: () => {} };
