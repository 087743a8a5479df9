/** Tells the provider of an end: from here by its adapter, or by the address to which the person's browser goes. */
import { delivered } from "../lifecycle/delivering.js";
import { DeliveryError } from "../lifecycle/receiver.js";
import { ConfigurationError, messageOf } from "../platform/errors.js";
import type { PostTo } from "../platform/outgoing.js";
import { type EndAdapter, endPost } from "./adapters.js";
import type { Discovery } from "./discovery.js";
import type { ProviderEnds } from "./provider.types.js";

const ENDPOINTS = { revocation: "revocation_endpoint", keycloak: "end_session_endpoint" } as const;

/** @param postTo posts to the provider alone */
export function endsByServer(
  adapter: EndAdapter,
  {
    clientId,
    discovery,
    postTo,
  }: { readonly clientId: string; readonly discovery: Discovery; readonly postTo: PostTo },
): ProviderEnds {
  const endpoint = () => discovery.endpoint(ENDPOINTS[adapter.type]);
  return {
    keeps: "refreshToken",
    async ready() {
      await endpoint();
    },
    async tell(token) {
      if (token === null)
        throw new DeliveryError("the provider's token cannot be read: was the option secret changed?", {
          isDown: false,
          wait: null,
        });
      const address = await endpoint().catch((error: unknown) => {
        throw new DeliveryError(`the provider cannot be told: ${messageOf(error)}`, {
          isDown: true,
          wait: null,
        });
      });
      const { form, fields } = endPost(adapter, clientId, token);
      const post = { type: "application/x-www-form-urlencoded", body: form.toString(), fields };
      await delivered("the provider", postTo(address, post), isOverThere);
    },
  };
}

/** Keycloak refuses the token of a session that is over already (RFC 6749, section 5.2); revocation takes any (RFC 7009, 2.2). */
function isOverThere({ status, text }: { readonly status: number; readonly text: string }): boolean {
  return status === 400 && /"error"\s*:\s*"invalid_grant"/.test(text);
}

/** OpenID Connect RP-Initiated Logout 1.0, section 2. Nothing of the request is in the address but the token's. */
export function endsByBrowser(
  { clientId, discovery }: { readonly clientId: string; readonly discovery: Discovery },
  postLogoutRedirectUri: string | undefined,
): ProviderEnds {
  const endpoint = () => discovery.endpoint("end_session_endpoint");
  return {
    keeps: "idToken",
    async ready() {
      await endpoint();
    },
    async addressFor(idToken) {
      const address = new URL(await endpoint());
      address.searchParams.set("id_token_hint", idToken);
      address.searchParams.set("client_id", clientId);
      if (postLogoutRedirectUri !== undefined)
        address.searchParams.set("post_logout_redirect_uri", postLogoutRedirectUri);
      return address;
    },
  };
}

/** @throws ConfigurationError */
export function refuseOddEnds({
  end,
  adapter,
  postLogoutRedirectUri,
}: {
  readonly end: "app" | "browser" | "server";
  readonly adapter?: EndAdapter | undefined;
  readonly postLogoutRedirectUri?: string | undefined;
}): void {
  if ((end === "server") !== (adapter !== undefined))
    throw new ConfigurationError(
      'oidc\'s options: end: "server" and adapter go together: write end: "server", adapter: keycloak({ clientSecret }) or revocation({ clientSecret })',
    );
  if (postLogoutRedirectUri !== undefined && end !== "browser")
    throw new ConfigurationError(
      'oidc\'s options: postLogoutRedirectUri is for end: "browser"; leave it out',
    );
}
