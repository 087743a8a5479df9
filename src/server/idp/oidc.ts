/** `curfew/server/oidc`: an OpenID provider whose logouts end sessions here (OpenID Connect Back-Channel Logout 1.0). */
import * as v from "valibot";
import { isNetwork } from "../platform/networks.js";
import { createAskJson, createPostTo } from "../platform/outgoing.js";
import { readConfiguration } from "../policy/configuration.js";
import { adapterSchema, type EndAdapter } from "./adapters.js";
import { createDiscovery } from "./discovery.js";
import { endsByBrowser, endsByServer, refuseOddEnds } from "./ends.js";
import { loadJose } from "./jose.js";
import { ALGORITHMS, readLogoutToken } from "./logout-token.js";
import type { IdentityProvider, SubjectOf } from "./provider.types.js";

export { type AdapterOptions, type EndAdapter, keycloak, revocation } from "./adapters.js";
export type { IdentityProvider } from "./provider.types.js";

export interface OidcOptions {
  /** The provider's `issuer`, to the letter, such as `https://id.example.com/realms/staff`. Its document is read from there. */
  readonly issuer: string;
  /** The app's id at the provider: logout tokens must be for it. */
  readonly clientId: string;
  /**
   * The app's own id of a person whom the provider names, null where it knows nobody: a token may name the person alone.
   * Default: `sub` itself is the app's subject.
   */
  readonly subjectOf?: SubjectOf;
  /** Which algorithms tokens are signed by. Default: those of the provider's document; never `none`, never a shared secret. */
  readonly algorithms?: readonly string[];
  /** Takes tokens of the type `JWT`, or of none, as Keycloak before 25 sends them. Default false. */
  readonly legacyTyp?: boolean;
  /** `subject`: a token that names one session means all of the person's. Default `session`. */
  readonly sidMeans?: "session" | "subject";
  /** Hosts besides the issuer's that its document may name, such as `www.googleapis.com`. Default none. */
  readonly hosts?: readonly string[];
  /**
   * Networks of private addresses in which the provider may be (`10.0.0.0/8`, `loopback`): others are refused, and plain
   * http:// is spoken to these alone. Default none.
   */
  readonly privateAddresses?: readonly string[];
  /**
   * What the provider is told where a session of the app's ends. `app` (default): nothing, its session counts for nothing here
   * any more. `browser`: the link in the dialog of the end leads to its `end_session_endpoint`; give `idToken` to `start`.
   * `server`: this server tells it by `adapter`, at least once (docs/outbox.md); give `refreshToken` to `start`.
   */
  readonly end?: "app" | "browser" | "server";
  /** With `end: "server"`: `keycloak({ clientSecret })` or `revocation({ clientSecret })`. */
  readonly adapter?: EndAdapter;
  /** With `end: "browser"`: where the provider leads the browser afterwards, as it is registered there. Default: nowhere. */
  readonly postLogoutRedirectUri?: string;
}

const text = v.pipe(v.string("must be a text"), v.nonEmpty("must not be empty"));

const schema = v.strictObject(
  {
    issuer: v.pipe(
      text,
      v.check(isIssuer, 'must be a URL such as "https://id.example.com", without query and fragment'),
    ),
    clientId: text,
    subjectOf: v.optional(
      v.custom<SubjectOf>((value) => typeof value === "function", "must be a function of the provider's sub"),
    ),
    algorithms: v.optional(
      v.array(
        v.picklist(ALGORITHMS, `must be among ${ALGORITHMS.join(", ")}`),
        'must be a list such as ["RS256"]',
      ),
    ),
    legacyTyp: v.optional(v.boolean("must be true or false"), false),
    sidMeans: v.optional(v.picklist(["session", "subject"], 'must be "session" or "subject"'), "session"),
    hosts: v.optional(
      v.array(v.pipe(text, v.check(isHost, 'must be a host such as "www.googleapis.com"')), "must be a list"),
      [],
    ),
    privateAddresses: v.optional(
      v.array(
        v.pipe(text, v.check(isNetwork, 'must be an address, a network such as "10.0.0.0/8", or "loopback"')),
        "must be a list",
      ),
      [],
    ),
    end: v.optional(v.picklist(["app", "browser", "server"], 'must be "app", "browser" or "server"'), "app"),
    adapter: v.optional(adapterSchema),
    postLogoutRedirectUri: v.optional(
      v.pipe(text, v.check(isHttp, 'must be a URL such as "https://app.example.com/signed-out"')),
    ),
  },
  "must be an object",
);

/** By how much the provider's clock may differ from the store's: 5 s, as for an authentication. */
const SKEW = 5_000;

/**
 * For the option `idp` of `createSessionVerifier`: what the provider tells at `POST {base}/idp/logout` ends sessions, and
 * a sign-in must tell `authenticatedAt`. Needs the package `jose` 6, which `sessions.ready()` looks for.
 * @throws ConfigurationError for an option that cannot be used
 */
export function oidc(options: OidcOptions): IdentityProvider {
  const checked = readConfiguration(schema, options, "oidc's options");
  refuseOddEnds(checked);
  const { issuer, clientId, algorithms = null, legacyTyp, sidMeans, hosts, privateAddresses } = checked;
  const discovery = createDiscovery(issuer, hosts, createAskJson(privateAddresses));
  const expected = { issuer, clientId, algorithms, legacyTyp, skew: SKEW };
  const postTo = createPostTo("the provider", privateAddresses);
  const ends =
    checked.adapter !== undefined
      ? endsByServer(checked.adapter, { clientId, discovery, postTo })
      : checked.end === "browser"
        ? endsByBrowser({ clientId, discovery }, checked.postLogoutRedirectUri)
        : null;
  return {
    issuer,
    sidMeans,
    ...(ends === null ? {} : { ends }),
    subjectOf: checked.subjectOf ?? ((sub) => sub),
    readLogout: (token, now) => readLogoutToken(token, expected, discovery, now),
    async ready() {
      await loadJose();
      await discovery.document();
      await ends?.ready();
    },
  };
}

function isIssuer(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  const isHttp = protocol === "https:" || protocol === "http:";
  return isHttp && [username, password, search, hash].every((part) => part === "");
}

function isHttp(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}

function isHost(value: string): boolean {
  return URL.canParse(`https://${value}`) && new URL(`https://${value}`).host === value;
}
