/** Header names that programs behind the proxy read as names of Curfew's: such a request is refused. */
import type { IncomingHttpHeaders } from "node:http";
import { Refusal } from "../../server/platform/errors.js";
import type { Logger } from "../../server/platform/logger.js";

/** What the sidecar says to the app, and what the proxy says of the browser's request. */
const OURS = ["curfew-", "x-original-", "x-forwarded-"];
const LONGEST_SHOWN = 64;

/**
 * WSGI, CGI, FastCGI and PHP make one variable of `Curfew-Subject`, `Curfew_Subject` and (some) `Curfew.Subject`: a
 * proxy that replaces the first would let a browser say the others.
 * @returns a function that throws Refusal `bad-request` for such a name; the first one is logged too, for the proxy
 * lets it pass on the routes that it opens
 */
export function foldedNameRefusal(logger: Logger): (headers: IncomingHttpHeaders) => void {
  let isTold = false;
  return (headers) => {
    const name = Object.keys(headers).find(isFolded);
    if (name === undefined) return;
    const shown = name.slice(0, LONGEST_SHOWN);
    if (!isTold)
      logger.warn(
        `curfew: the proxy passes on a header called ${shown}, which many programs read as ${asOurs(shown)}; make it drop header names with anything but letters, digits and hyphens (docs/sidecar.md, "What a proxy must take away")`,
      );
    isTold = true;
    throw new Refusal(
      "bad-request",
      `The request carries the header ${shown}, which the app may take for ${asOurs(shown)}.`,
      { code: "header-name" },
    );
  };
}

/** Whether the name is one of ours once every other character is a hyphen. Node has put the letters into lower case. */
function isFolded(name: string): boolean {
  const ours = asOurs(name);
  return ours !== name && OURS.some((prefix) => ours.startsWith(prefix));
}

function asOurs(name: string): string {
  return name.replace(/[^a-z0-9]/g, "-");
}
