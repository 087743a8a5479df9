/** The script include: one `<script src=".../curfew.js" defer>` makes the client and its warning, as the global `Curfew`. */

import type { SessionClient } from "./browser/platform/session-client.types.js";
import { createSessionClient } from "./browser/session-client.js";
import { currentScript } from "./dom/current-script.js";
import { addressIn } from "./dom/page-address.js";
import { attachWarning } from "./warning/attach-warning.js";
import { optionsFrom } from "./warning/attributes.js";

export { attachWarning, createSessionClient };

/** What an earlier inclusion left behind; an element of that id is none. */
const { Curfew: earlier } = globalThis as { readonly Curfew?: { readonly session?: Partial<SessionClient> } };

/** The page's client. The same script twice gives the same one. */
export const session: SessionClient = isClient(earlier?.session)
  ? again(earlier.session)
  : start(currentScript());

/** `data-*` choose looks and words, and where the verifier is; what concerns security is the server's policy. */
function start(script: HTMLOrSVGScriptElement | null): SessionClient {
  const { dataset = {} } = script ?? {};
  const client = createSessionClient({
    base: dataset.base ?? folderOf(script),
    ...chosen(dataset, ["name"]),
    ...(dataset.frames === undefined ? {} : { frames: dataset.frames.trim().split(/\s+/) }),
    debug: dataset.debug !== undefined,
  });
  if (dataset.warning !== "none")
    attachWarning(
      client,
      optionsFrom((name) => script?.getAttribute(`data-${name}`) ?? null),
    );
  return client;
}

function chosen(dataset: DOMStringMap, names: readonly string[]) {
  return Object.fromEntries(names.filter((name) => name in dataset).map((name) => [name, dataset[name]]));
}

function again(client: SessionClient): SessionClient {
  console.info("curfew: this page has loaded curfew.js already; the second one does nothing.");
  return client;
}

function isClient(value: Partial<SessionClient> | undefined): value is SessionClient {
  return typeof value?.extend === "function";
}

/** By what is written there: `src` itself would be read anew, and a `<base>` element may have come since. */
function folderOf(script: HTMLOrSVGScriptElement | null): string {
  const source = script?.getAttribute("src");
  return source ? new URL(".", addressIn(window, source)).href.replace(/\/$/, "") : "/curfew";
}
