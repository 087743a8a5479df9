/** Whether the script include is served, and is the one of this release. */
import { scriptText } from "../../../server/http/script-texts.js";
import { type Answer, gotOf, isProblem } from "../http/answer.js";
import type { Site } from "../site.js";

const HEADERS = {
  accept: "*/*",
  "sec-fetch-mode": "no-cors",
  "sec-fetch-dest": "script",
  "sec-fetch-site": "same-origin",
};

export async function checkScript(site: Site, base: string): Promise<void> {
  const answer = await site.ask(`${base}/curfew.js`, { headers: HEADERS });
  if (isProblem(answer, "not-found")) return site.foundIn("script-not-bundled", answer);
  if (answer.status !== 200 || !isJavaScript(answer)) return site.foundIn("script-missing", answer);
  const own = Buffer.from(scriptText("curfew"));
  if (!own.equals(answer.bytes))
    site.foundIn("script-differs", answer, {
      got: `${gotOf(answer).split(",")[0]}, ${answer.bytes.length} bytes that are not this release's ${own.length}`,
    });
}

/** Nothing else is run by a browser: the answer says `nosniff`. */
function isJavaScript(answer: Answer): boolean {
  const [type = ""] = (answer.header("content-type") ?? "").split(";");
  return /^(?:text|application)\/(?:x-)?(?:java|ecma)script$/i.test(type.trim());
}
