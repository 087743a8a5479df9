/** The script include: one `<script src=".../curfew.js" defer>` makes the client and its warning, as the global `Curfew`. */
import { createSessionClient } from "./browser/session-client.js";
import type { SessionClient } from "./browser/session-client.types.js";
import { attachWarning } from "./warning/attach-warning.js";

export { attachWarning, createSessionClient };

/** What an earlier inclusion left behind, if there was one. */
const { Curfew: earlier } = globalThis as { readonly Curfew?: { readonly session: SessionClient } };

/** The page's client. The same script twice gives the same one. */
export const session: SessionClient = earlier?.session ?? start(document.currentScript);

/** `data-*` choose looks and words, and where the verifier is; what concerns security is the server's policy. */
function start(script: HTMLOrSVGScriptElement | null): SessionClient {
  const { base = folderOf(script), frames, locale, warning } = script?.dataset ?? {};
  const client = createSessionClient({
    ...(base === undefined ? {} : { base }),
    frames: frames?.match(/\S+/g) ?? [],
  });
  if (warning !== "none") attachWarning(client, locale === undefined ? {} : { locale });
  return client;
}

function folderOf(script: HTMLOrSVGScriptElement | null): string | undefined {
  return script instanceof HTMLScriptElement && script.src !== ""
    ? new URL(".", script.src).href.replace(/\/$/, "")
    : undefined;
}
