/** A browser's half of the protocol over a real connection: a cookie jar of one, a key, and the last status. */
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";
import { text } from "node:stream/consumers";
import { HEARTBEAT_TYP } from "../../../src/protocol/heartbeat.js";
import { KEY_TYP } from "../../../src/protocol/key-binding.js";
import { PROOF_TYP } from "../../../src/protocol/operation-proof.js";
import type { ActiveStatus } from "../../../src/protocol/session-status.js";
import { sha256 } from "../../../src/server/platform/secrets.js";
import { createTestKey, type TestKey } from "../../server/support/test-browser.js";

export interface HttpAnswer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body's JSON object, or an empty one. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Message {
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

/** Not by `fetch`: it adds marks of its own, and tidies a path before it sends it. */
export async function send(
  url: string,
  method: string,
  path: string,
  message: Message = {},
): Promise<HttpAnswer> {
  const { hostname, port } = new URL(url);
  const { headers = {}, body } = message;
  const length =
    body === undefined || "transfer-encoding" in headers ? {} : { "content-length": Buffer.byteLength(body) };
  const asked = request({ hostname, port, method, path, headers: { ...length, ...headers } });
  const answered = new Promise<HttpAnswer>((resolve, reject) => {
    asked.once("error", reject);
    asked.once("response", (response) => {
      text(response).then((read) => {
        const { statusCode: status, headers: received } = response;
        resolve({ status, headers: received, text: read, body: objectIn(read) });
      }, reject);
    });
  });
  asked.end(body);
  return answered;
}

function objectIn(read: string): HttpAnswer["body"] {
  try {
    return Object(JSON.parse(read)) as HttpAnswer["body"];
  } catch {
    return {};
  }
}

/** What a page's own script sends along. */
const JSON_POST = { "content-type": "application/json", "sec-fetch-site": "same-origin" };

export class HttpBrowser {
  readonly url: string;
  readonly key: TestKey;
  cookie: string | null = null;
  status: ActiveStatus | null = null;

  constructor(url: string, key: TestKey) {
    this.url = url;
    this.key = key;
  }

  /** Signed in, with its key bound. */
  static async signedIn(url: string, message: Message = {}): Promise<HttpBrowser> {
    const browser = new HttpBrowser(url, await createTestKey());
    const answer = await browser.send("POST", "/sign-in", message);
    if (browser.cookie === null)
      throw new Error(`sign-in was answered with ${answer.status}: ${answer.text}`);
    await browser.ask();
    const bound = await browser.bind();
    if (bound.status !== 200) throw new Error(`the key was answered with ${bound.status}: ${bound.text}`);
    return browser;
  }

  async send(method: string, path: string, { headers = {}, body }: Message = {}): Promise<HttpAnswer> {
    const cookie = this.cookie === null ? {} : { cookie: this.cookie };
    const sent = { headers: { ...cookie, ...headers }, ...(body === undefined ? {} : { body }) };
    const answer = await send(this.url, method, path, sent);
    const set = answer.headers["set-cookie"]?.find((line) => line.startsWith("__Host-curfew="));
    if (set !== undefined)
      this.cookie = set.startsWith("__Host-curfew=;") ? null : (set.split(";")[0] ?? null);
    if (answer.status === 200 && answer.body.status === "active" && "nonce" in answer.body)
      this.status = answer.body as unknown as ActiveStatus;
    return answer;
  }

  get(path: string, headers: OutgoingHttpHeaders = {}): Promise<HttpAnswer> {
    return this.send("GET", path, { headers });
  }

  ask(): Promise<HttpAnswer> {
    return this.get("/curfew/session");
  }

  post(path: string, value: unknown, headers: OutgoingHttpHeaders = {}): Promise<HttpAnswer> {
    const body = typeof value === "string" ? value : JSON.stringify(value);
    return this.send("POST", path, { headers: { ...JSON_POST, origin: this.url, ...headers }, body });
  }

  get live(): ActiveStatus {
    if (this.status === null) throw new Error("this browser has no status yet");
    return this.status;
  }

  async bind(): Promise<HttpAnswer> {
    const { sid, nonce } = this.live;
    const header = { alg: "ES256", typ: KEY_TYP, jwk: this.key.jwk };
    return this.post("/curfew/key", {
      binding: await this.key.sign(header, { v: 1, aud: this.url, sid, nonce }),
    });
  }

  async beat(activeAt: number, headers: OutgoingHttpHeaders = {}, aud = this.url): Promise<HttpAnswer> {
    const { sid, nonce } = this.live;
    const counts = { pointer: 1, key: 0, touch: 0, wheel: 0, media: 0, other: 0 };
    const heartbeat = await this.key.sign(
      { alg: "ES256", typ: HEARTBEAT_TYP, kid: this.key.thumbprint },
      { v: 1, aud, sid, nonce, activeAt, intent: "activity", counts, automated: false },
    );
    return this.post("/curfew/heartbeat", { heartbeat }, headers);
  }

  /** Posts with a proof of this very operation. */
  async postProven(path: string, value: unknown, challenge: unknown): Promise<HttpAnswer> {
    const body = JSON.stringify(value);
    const proof = await this.key.sign(
      { alg: "ES256", typ: PROOF_TYP, kid: this.key.thumbprint },
      { v: 1, aud: this.url, sid: this.live.sid, challenge, method: "POST", path, bodyHash: sha256(body) },
    );
    return this.post(path, body, { "curfew-proof": proof });
  }
}
