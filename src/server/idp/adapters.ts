/**
 * How a provider is told of an end from server to server: `revocation()` by any provider's revocation endpoint (RFC 7009),
 * `keycloak()` by the logout endpoint of Keycloak. Both are given the refresh token of the sign-in. An adapter is plain data,
 * so that the sidecar's file can name one.
 */
import * as v from "valibot";

export interface AdapterOptions {
  /** The app's secret at the provider; leave it out for a public client. */
  readonly clientSecret?: string;
}

/** Made by `revocation()` or `keycloak()`. */
export interface EndAdapter extends AdapterOptions {
  readonly type: "revocation" | "keycloak";
}

const secret = v.exactOptional(v.pipe(v.string("must be a text"), v.nonEmpty("must not be empty")));

export const adapterSchema = v.strictObject(
  {
    type: v.picklist(["revocation", "keycloak"], 'must be "revocation" or "keycloak"'),
    clientSecret: secret,
  },
  "must be keycloak({ clientSecret }) or revocation({ clientSecret })",
) satisfies v.GenericSchema<unknown, EndAdapter>;

/**
 * Revokes the refresh token (RFC 7009) at the `revocation_endpoint` that the provider's document names. What else ends with
 * it is the provider's to say: its own session may go on.
 */
export function revocation({ clientSecret }: AdapterOptions = {}): EndAdapter {
  return { type: "revocation", ...(clientSecret === undefined ? {} : { clientSecret }) };
}

/**
 * Ends the person's session at Keycloak, and with it those of all apps that came of it: each is told by its own back-channel
 * logout.
 */
export function keycloak({ clientSecret }: AdapterOptions = {}): EndAdapter {
  return { type: "keycloak", ...(clientSecret === undefined ? {} : { clientSecret }) };
}

/** What is posted: the form, and how the app says who it is. */
interface EndPost {
  readonly form: URLSearchParams;
  readonly fields: Readonly<Record<string, string>>;
}

/** The post by which an adapter tells. */
export function endPost({ type, clientSecret }: EndAdapter, clientId: string, token: string): EndPost {
  if (type === "keycloak") {
    const secrets = clientSecret === undefined ? {} : { client_secret: clientSecret };
    return {
      form: new URLSearchParams({ client_id: clientId, ...secrets, refresh_token: token }),
      fields: {},
    };
  }
  const form = new URLSearchParams({ token, token_type_hint: "refresh_token" });
  if (clientSecret !== undefined) return { form, fields: { Authorization: basic(clientId, clientSecret) } };
  form.set("client_id", clientId);
  return { form, fields: {} };
}

/** RFC 6749, section 2.3.1: both are form-encoded first. */
function basic(clientId: string, clientSecret: string): string {
  const encoded = [clientId, clientSecret].map((text) => new URLSearchParams({ text }).toString().slice(5));
  return `Basic ${Buffer.from(encoded.join(":")).toString("base64")}`;
}
