/** A browser's half of the protocol made of `node:crypto` and `fetch`-style requests, without a network. */
import { HEARTBEAT_TYP } from "../../../src/protocol/heartbeat.js";
import { KEY_TYP } from "../../../src/protocol/key-binding.js";
import type { ActiveStatus } from "../../../src/protocol/session-status.js";
import type { SessionVerifier } from "../../../src/server/adapters/node.js";
import { createTestKey as makeTestKey, type TestKey } from "../../../src/testing/test-key.js";

export const ORIGIN = "https://app.test";

export type { TestKey };

/** A key of its own for each test browser; the same that adopters' tests use. */
export async function createTestKey(): Promise<TestKey> {
  return makeTestKey();
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface HeartbeatChanges {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly key?: TestKey;
}

/** One browser: a cookie jar of one, a key, and the last status. */
export class TestBrowser {
  readonly #sessions: SessionVerifier;
  readonly key: TestKey;
  cookie: string | null = null;
  status: ActiveStatus | null = null;

  constructor(sessions: SessionVerifier, key: TestKey) {
    this.#sessions = sessions;
    this.key = key;
  }

  static async signedIn(sessions: SessionVerifier, options: { subject?: string; bind?: boolean } = {}) {
    const browser = new TestBrowser(sessions, await createTestKey());
    await browser.signIn(options.subject ?? "ann");
    if (options.bind !== false) await browser.bind();
    return browser;
  }

  async signIn(subject: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const { headers } = await this.#sessions.start(this.request("/sign-in", { method: "POST" }), {
      subject,
      ...more,
    });
    this.keepCookie(headers);
    await this.ask();
  }

  async reauthenticate(subject: string): Promise<void> {
    const { headers } = await this.#sessions.reauthenticate(this.request("/reauth", { method: "POST" }), {
      subject,
    });
    this.keepCookie(headers);
    await this.ask();
  }

  keepCookie(headers: Headers): void {
    const set = headers.getSetCookie().find((cookie) => /^__Host-[\w-]+=/.test(cookie));
    if (set !== undefined) this.cookie = set.split(";")[0] ?? null;
  }

  request(
    path: string,
    init: { method?: string; headers?: Record<string, string>; body?: string | Uint8Array } = {},
  ) {
    const { method = "GET", headers = {}, body } = init;
    const cookie: Record<string, string> = this.cookie === null ? {} : { cookie: this.cookie };
    return new Request(`${ORIGIN}${path}`, {
      method,
      headers: { ...cookie, ...headers },
      ...(body === undefined ? {} : { body: body as BodyInit }),
    });
  }

  async send(request: Request): Promise<Answer> {
    const response = await this.#sessions.handle(request);
    const text = await response.text();
    const body = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
    if (response.status === 200 && body.status === "active") this.status = body as unknown as ActiveStatus;
    return { status: response.status, headers: response.headers, body };
  }

  ask(query = ""): Promise<Answer> {
    return this.send(this.request(`/curfew/session${query}`));
  }

  post(path: string, value: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const body = typeof value === "string" ? value : JSON.stringify(value);
    const defaults = { "content-type": "application/json", origin: ORIGIN, "sec-fetch-site": "same-origin" };
    return this.send(this.request(path, { method: "POST", headers: { ...defaults, ...headers }, body }));
  }

  get live(): ActiveStatus {
    if (this.status === null) throw new Error("this browser has no status yet");
    return this.status;
  }

  async binding(key = this.key): Promise<string> {
    const { sid, nonce } = this.live;
    return key.sign({ alg: "ES256", typ: KEY_TYP, jwk: key.jwk }, { v: 1, aud: ORIGIN, sid, nonce });
  }

  async bind(key = this.key): Promise<Answer> {
    return this.post("/curfew/key", { binding: await this.binding(key) });
  }

  async heartbeat(activeAt: unknown, changes: HeartbeatChanges = {}): Promise<string> {
    const { key = this.key } = changes;
    const { sid, nonce } = this.live;
    const counts = { pointer: 1, key: 0, touch: 0, wheel: 0, media: 0, other: 0 };
    return key.sign(
      { alg: "ES256", typ: HEARTBEAT_TYP, kid: this.key.thumbprint, ...changes.header },
      {
        v: 1,
        aud: ORIGIN,
        sid,
        nonce,
        activeAt,
        intent: "activity",
        counts,
        automated: false,
        ...changes.payload,
      },
    );
  }

  async beat(activeAt: unknown, changes: HeartbeatChanges = {}): Promise<Answer> {
    return this.post("/curfew/heartbeat", { heartbeat: await this.heartbeat(activeAt, changes) });
  }
}
