/** What decides besides the policy, as a fingerprint: two nodes that differ in it let in, or ask for, something else. */
import { sha256 } from "../platform/secrets.js";
import { packageVersion } from "../platform/version.js";
import { canonicalJson } from "../policy/canonical-json.js";

/** Of the options (`read-options.ts`). */
interface Deployment {
  readonly origins: readonly string[];
  readonly signInUrl: string;
  readonly cookie: string;
  readonly identify?: unknown;
  readonly store: { readonly name: string };
  readonly group?: { readonly name: string; readonly trusts: readonly string[] } | undefined;
}

/** The same for the same deployment, however it is written: the order of a list says nothing. */
export function deploymentFingerprint({
  origins,
  signInUrl,
  cookie,
  identify,
  store,
  group,
}: Deployment): string {
  const sorted = (list: readonly string[]) => [...new Set(list)].sort();
  return sha256(
    canonicalJson({
      release: packageVersion(),
      origins: sorted(origins),
      signInUrl,
      cookie,
      identifies: identify !== undefined,
      store: store.name,
      group: group === undefined ? null : { name: group.name, trusts: sorted(group.trusts) },
    }),
  );
}
