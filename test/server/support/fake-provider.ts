/** An OpenID provider as far as logout tokens go, whose every answer a test can spoil; on this machine. */
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { importPKCS8, SignJWT } from "jose";

export const EVENT = "http://schemas.openid.net/event/backchannel-logout";
export const CLIENT_ID = "notes";

export interface FakeProvider {
  readonly issuer: string;
  /** The paths that were asked for, in their order. */
  readonly asked: readonly string[];
  /** What its document says in place of the truth. */
  readonly says: Record<string, unknown>;
  /** What was posted to it, in the order of its arrival. */
  readonly posted: readonly PostedForm[];
  /** What it answers posts with. */
  answer: { readonly status: number; readonly body?: unknown };
  /** Whether it answers at all. */
  isDown: boolean;
  /** From now on it signs by a new key, and knows no other. */
  rotate(): void;
  /**
   * A logout token for `CLIENT_ID`.
   * @param claims what it says besides, or in place of what it must; undefined: not at all
   */
  token(
    claims: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, unknown>>,
  ): Promise<string>;
  close(): Promise<void>;
}

interface PostedForm {
  readonly path: string;
  readonly form: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
}

/** @param now its clock, in milliseconds */
export async function startFakeProvider(now: () => number): Promise<FakeProvider> {
  let key = newKey(1);
  let count = 0;
  const asked: string[] = [];
  const says: Record<string, unknown> = {};
  const posted: PostedForm[] = [];
  const server = createServer(async (request, response) => {
    const path = request.url ?? "";
    asked.push(path);
    if (provider.isDown) return void response.destroy();
    if (request.method === "POST") {
      const form = Object.fromEntries(new URLSearchParams(await text(request)));
      posted.push({ path, form, authorization: request.headers.authorization });
      const { status, body } = provider.answer;
      return void response.writeHead(status).end(body === undefined ? "" : JSON.stringify(body));
    }
    const document = { issuer, jwks_uri: `${issuer}/keys`, id_token_signing_alg_values_supported: ["RS256"] };
    const answer = path === "/keys" ? { keys: [key.shown] } : { ...document, ...says };
    response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider: FakeProvider = {
    issuer,
    asked,
    says,
    posted,
    answer: { status: 200 },
    isDown: false,
    rotate() {
      key = newKey(key.number + 1);
    },
    async token(claims, header = {}) {
      const second = Math.floor(now() / 1_000);
      const jti = `token-${++count}`;
      const whole = {
        iss: issuer,
        aud: CLIENT_ID,
        iat: second,
        exp: second + 120,
        jti,
        events: { [EVENT]: {} },
      };
      const payload = Object.fromEntries(
        Object.entries({ ...whole, ...claims }).filter(([, value]) => value !== undefined),
      );
      const head = { alg: "RS256", typ: "logout+jwt", kid: key.shown.kid, ...header };
      return new SignJWT(payload).setProtectedHeader(head).sign(await importPKCS8(key.secret, "RS256"));
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return provider;
}

function newKey(number: number) {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "jwk" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  } as never) as unknown as { readonly publicKey: object; readonly privateKey: string };
  const shown = { ...publicKey, kid: `key-${number}`, use: "sig", alg: "RS256" };
  return { number, secret: privateKey, shown };
}
