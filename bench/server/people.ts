/** The people of the bench: each with a key, a cookie and a connection of its own, over real HTTP, one request after the other. */
import { Agent, request } from "node:http";
import { HEARTBEAT_TYP } from "../../src/protocol/heartbeat.js";
import { KEY_TYP } from "../../src/protocol/key-binding.js";
import { createTestKey } from "../../src/testing/test-key.js";

export interface Person {
  /** Does what is measured once. @throws Error for another answer than the one that is measured */
  heartbeat(): Promise<void>;
  status(): Promise<void>;
  guarded(): Promise<void>;
  plain(): Promise<void>;
}

interface Answer {
  readonly status: number | undefined;
  readonly cookie: string | null;
  readonly text: string;
}

/** One person's browser, as far as HTTP sees it. */
class Browser {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #port: number;
  cookie = "";

  constructor(port: number) {
    this.#port = port;
  }

  send(method: string, path: string, body?: string): Promise<Answer> {
    const headers = {
      cookie: this.cookie,
      "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
      accept: "application/json",
      "accept-language": "en-GB,en;q=0.5",
      "sec-fetch-site": "same-origin",
      "sec-fetch-mode": "cors",
      "sec-fetch-dest": "empty",
      ...(body === undefined
        ? {}
        : {
            "content-type": "application/json",
            "content-length": String(Buffer.byteLength(body)),
            origin: this.origin,
          }),
    };
    const options = { agent: this.#agent, host: "127.0.0.1", port: this.#port, method, path, headers };
    return new Promise((resolve, reject) => {
      const asked = request(options, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("error", reject);
        response.on("end", () => {
          const [set = null] = response.headers["set-cookie"] ?? [];
          resolve({ status: response.statusCode, cookie: set?.split(";")[0] ?? null, text });
        });
      });
      asked.on("error", reject);
      asked.end(body);
    });
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }
}

const COUNTS = { pointer: 12, key: 3, touch: 0, wheel: 4, media: 0, other: 0 };

async function expect(answer: Promise<Answer>, what: string): Promise<string> {
  const { status, text } = await answer;
  if (status !== 200) throw new Error(`${what} was answered ${status}: ${text}`);
  return text;
}

function memberOf(text: string, name: string): string {
  const value: unknown = Reflect.get(JSON.parse(text) as object, name);
  if (typeof value !== "string") throw new Error(`no "${name}" in ${text}`);
  return value;
}

/** What a server takes for a person's presence: Curfew's signed heartbeat, a DPoP proof, or any request with the cookie. */
export type Presence = "heartbeat" | "dpop" | "request";

/** Signs a person in at a measured server. */
export async function signIn(port: number, name: string, presence: Presence): Promise<Person> {
  const browser = new Browser(port);
  const { cookie, status } = await browser.send("POST", `/sign-in?name=${encodeURIComponent(name)}`);
  if (cookie === null) throw new Error(`the sign-in was answered ${status}, without a cookie`);
  browser.cookie = cookie;
  const get = (path: string) => expect(browser.send("GET", path), `GET ${path}`);
  const ways = {
    heartbeat: () => heartbeats(browser, get),
    dpop: () => proofs(browser),
    request: async () => async () => void (await get("/touch")),
  };
  return {
    heartbeat: await ways[presence](),
    status: async () => void (await get("/curfew/session")),
    guarded: async () => void (await get("/guarded")),
    plain: async () => void (await get("/plain")),
  };
}

async function heartbeats(
  browser: Browser,
  get: (path: string) => Promise<string>,
): Promise<() => Promise<void>> {
  const key = createTestKey();
  const aud = browser.origin;
  const first = await get("/curfew/session");
  const sid = memberOf(first, "sid");
  const post = (path: string, value: unknown) =>
    expect(browser.send("POST", path, JSON.stringify(value)), `POST ${path}`);
  const binding = key.sign(
    { alg: "ES256", typ: KEY_TYP, jwk: key.jwk },
    { v: 1, aud, sid, nonce: memberOf(first, "nonce") },
  );
  let nonce = memberOf(await post("/curfew/key", { binding }), "nonce");
  return async () => {
    // An answer to a warning is never refused for its number.
    const payload = {
      v: 1,
      aud,
      sid,
      nonce,
      activeAt: Date.now(),
      intent: "extend",
      counts: COUNTS,
      automated: false,
    };
    const jws = key.sign({ alg: "ES256", typ: HEARTBEAT_TYP, kid: key.thumbprint }, payload);
    nonce = memberOf(await post("/curfew/heartbeat", { heartbeat: jws }), "nonce");
  };
}

/** A proof as RFC 9449 section 4.2 has it, in the body as a heartbeat is. */
async function proofs(browser: Browser): Promise<() => Promise<void>> {
  const key = createTestKey();
  let count = 0;
  const prove = async (path: string) => {
    const payload = {
      jti: `${key.thumbprint} ${count++}`,
      htm: "POST",
      htu: `${browser.origin}${path}`,
      iat: Math.floor(Date.now() / 1_000),
    };
    const proof = key.sign({ alg: "ES256", typ: "dpop+jwt", jwk: key.jwk }, payload);
    await expect(browser.send("POST", path, JSON.stringify({ proof })), `POST ${path}`);
  };
  await prove("/bind");
  return () => prove("/touch");
}
