/** The options `webhook` and `watch.webhook`: where something is posted, and by which secrets it is signed. */
import * as v from "valibot";

export interface WebhookOptions {
  /** Where to: an http:// or https:// URL without user name and password. */
  readonly url: string;
  /** What deliveries are signed by, at least 32 characters. `whsec_…` is read as Standard Webhooks writes keys (base64). */
  readonly secret: string;
  /** The one before, which signs beside it until the app knows the new one. */
  readonly previousSecret?: string;
}

/** As long as a key of 128 bits in hexadecimal. */
const LEAST_SECRET = 32;

const text = v.string("must be a text");
const secret = v.pipe(text, v.minLength(LEAST_SECRET, `must have at least ${LEAST_SECRET} characters`));

export const webhookSchema = v.strictObject(
  {
    url: v.pipe(
      text,
      v.check(isWebhookUrl, "must be an http:// or https:// URL without user name and password"),
    ),
    secret,
    previousSecret: v.exactOptional(secret),
  },
  'must be an object, such as { "url": "http://127.0.0.1:8080/session-ended", "secret": "32 characters or more" }',
) satisfies v.GenericSchema<unknown, WebhookOptions>;

function isWebhookUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return (protocol === "http:" || protocol === "https:") && username === "" && password === "";
}
