/** A node without timers of its own: what it does by and by, the test does by hand. */
import type { AuditRecord } from "../../../src/server/audit/audit-record.js";
import { sessionCookies } from "../../../src/server/http/cookies.js";
import { originRules } from "../../../src/server/http/origins.js";
import type { ServerContext } from "../../../src/server/lifecycle/context.js";
import type { SessionStore } from "../../../src/server/stores/store.js";
import { openHttp } from "../../../src/server/verifier/compose.js";
import type { SessionVerifierOptions } from "../../../src/server/verifier/options.js";
import { readOptions } from "../../../src/server/verifier/read-options.js";

interface OpenedNode {
  readonly context: ServerContext;
  readonly trail: readonly AuditRecord[];
  readonly log: readonly string[];
}

export async function openedNode(
  options: Partial<SessionVerifierOptions> & { readonly store: SessionStore },
): Promise<OpenedNode> {
  const [trail, log]: [AuditRecord[], string[]] = [[], []];
  const write = (line: string) => void log.push(line);
  const checked = readOptions(
    {
      policy: { idle: "15m", absolute: "12h" },
      signInUrl: "/login",
      logger: { info: write, warn: write, error: write },
      onEvent: (record: AuditRecord) => void trail.push(record),
      ...options,
    },
    "test",
  );
  const { context } = await openHttp(checked, sessionCookies("curfew", "host"), originRules([]));
  return { context, trail, log };
}
