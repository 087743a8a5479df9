/** The script include: one `<script src=".../curfew.js" defer>` makes the client and its warning, as the global `Curfew`. */

import type { SessionClient } from "./browser/platform/session-client.types.js";
import { createSessionClient } from "./browser/session-client.js";
import { currentScript } from "./dom/current-script.js";
import { isOrigin } from "./dom/origin.js";
import { addressIn } from "./dom/page-address.js";
import { attachWarning } from "./warning/attach-warning.js";
import { type Complain, complainOf, optionsFrom } from "./warning/element/attributes.js";

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
  const complain = complainOf("data-");
  const client = createSessionClient({
    base: baseIn(dataset, complain) ?? folderOf(script),
    ...(dataset.name === undefined ? {} : { name: dataset.name }),
    frames: originsIn(dataset, complain),
    debug: dataset.debug !== undefined,
  });
  const { warning } = dataset;
  if (warning !== undefined && warning !== "none") complain("warning", warning, ["none"]);
  if (warning !== "none")
    attachWarning(
      client,
      optionsFrom((name) => script?.getAttribute(`data-${name}`) ?? null, complain),
    );
  return client;
}

function baseIn({ base }: DOMStringMap, complain: Complain): string | undefined {
  try {
    return base && addressIn(window, base).href;
  } catch {
    complain("base", base ?? "", ["a path or an address, such as /curfew"]);
    return undefined;
  }
}

function originsIn({ frames = "" }: DOMStringMap, complain: Complain): readonly string[] {
  const named = frames.split(/\s+/).filter(Boolean);
  const origins = named.filter(isOrigin);
  if (origins.length < named.length) complain("frames", frames, ["origins, such as https://forms.example"]);
  return origins;
}

function again(client: SessionClient): SessionClient {
  console.info(
    "curfew: this page has loaded curfew.js already; the second one makes the first one ask the server.",
  );
  void client.refresh?.();
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
