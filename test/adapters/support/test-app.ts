/** One small app that every framework's test mounts in its own words, and the verifier behind it on a hand-moved clock. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { AuditRecord } from "../../../src/server/audit/audit-record.js";
import { SessionError } from "../../../src/server/platform/errors.js";
import { memoryStore } from "../../../src/server/stores/memory.js";
import type { SessionStore } from "../../../src/server/stores/store.js";
import type { Management } from "../../../src/server/verifier/management.js";
import type { SessionVerifierOptions } from "../../../src/server/verifier/options.js";
import type { SignInOptions } from "../../../src/server/verifier/sign-in.js";
import { createTestClock, type TestClock } from "../../server/support/test-clock.js";
import { SILENT } from "../../server/support/test-verifier.js";

/**
 * What stands in front of the protocol's routes. `json`: the framework's usual parser has read the body and keeps what it
 * found; `drain`: somebody has read the body and thrown it away.
 */
export type InFront = "nothing" | "json" | "drain";

/**
 * The app, in each framework:
 * - `POST /sign-in` starts ann's session, 303 to `/`; `POST /reauth` and `POST /sign-out` answer 204;
 *   `POST /promote` makes her an admin and answers her roles;
 * - `POST /callback?at=…&sid=…` starts ann's session after a provider's answer and answers `{ code }`, where nothing
 *   speaks against it "started"; `GET /authorization` answers what the provider is to be asked for;
 * - behind `guard()`: `GET /api/me` answers `{ subject }`, and `GET` of any other path the text "kept";
 * - behind guards with options: `GET /api/fresh` (`fresh: "5m"`), `GET /api/admin` (`roles: "admin"`), and
 *   `POST /api/echo` (`proof: true`), which answers the JSON that it was sent;
 * - `GET /report` behind `page()`; `GET /status` answers what `check()` says; `GET /wait` answers when the session ends.
 */
export interface Mounted {
  readonly sessions: Management;
  readonly listener: RequestListener;
}

export interface Framework {
  readonly name: string;
  mount(options: SessionVerifierOptions, inFront: InFront): Mounted | Promise<Mounted>;
}

export interface TestApp {
  readonly url: string;
  readonly clock: TestClock;
  readonly store: SessionStore;
  readonly sessions: Management;
  readonly audit: readonly AuditRecord[];
  readonly warnings: readonly string[];
}

/** What a provider's answer says: `at` is its `auth_time`, `sid` its session's. */
export function claimsIn(url: string): SignInOptions {
  const query = new URL(url, "http://app.test").searchParams;
  const sid = query.get("sid");
  return {
    subject: "ann",
    authenticatedAt: Number(query.get("at")),
    ...(sid === null ? {} : { idp: { iss: "https://id.test", sid } }),
  };
}

/** The code of what `start` has thrown, or "started". */
export async function outcomeOf(started: Promise<unknown>): Promise<{ readonly code: string }> {
  try {
    await started;
    return { code: "started" };
  } catch (error) {
    if (error instanceof SessionError) return { code: error.code };
    throw error;
  }
}

const servers: Server[] = [];

export async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  servers.push(server);
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** For `afterEach`. */
export function stopServers(): void {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
}

export async function serve(
  framework: Framework,
  options: Partial<SessionVerifierOptions> = {},
  inFront: InFront = "nothing",
): Promise<TestApp> {
  const clock = createTestClock();
  const store = memoryStore({ clock });
  const audit: AuditRecord[] = [];
  const warnings: string[] = [];
  const { sessions, listener } = await framework.mount(
    {
      policy: { idle: "15m", absolute: "12h", warning: "2m" },
      store,
      signInUrl: "/login",
      logger: { ...SILENT, warn: (line) => warnings.push(line) },
      onEvent: (record) => void (record.type.startsWith("policy_") || audit.push(record)),
      ...options,
    },
    inFront,
  );
  return { url: await listen(listener), clock, store, sessions, audit, warnings };
}
