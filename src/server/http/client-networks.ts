/** The rules' networks that a request comes from, and a word in the log where nobody can tell. */
import type { ServerContext } from "../lifecycle/context.js";
import { asksForNetworks, networksOf } from "../policy/rule-networks.js";
import type { HttpRequest } from "./exchange.js";

export function clientNetworks(
  { policy, warnOnce }: Pick<ServerContext, "policy" | "warnOnce">,
  request: Pick<HttpRequest, "address" | "unknownAddress" | "unlistedProxy">,
): readonly string[] {
  const { address, unknownAddress, unlistedProxy } = request;
  if (unknownAddress !== null && (unknownAddress.whose === "proxy" || asksForNetworks(policy)))
    warnOnce(
      `address ${unknownAddress.whose}`,
      () =>
        `the address of a client is not known, so rules by network that tighten hold for it, those that relax do not, and limits count all such clients of a session as one: ${unknownAddress.cause}`,
    );
  if (address !== null && unlistedProxy !== null && asksForNetworks(policy))
    warnOnce(
      "unlisted proxy",
      () =>
        `${unlistedProxy} says for whom it speaks (Forwarded, X-Forwarded-For, X-Real-IP) and is not in \`trustProxy\`, so rules by network go by its own address, and none of them relaxes anything: if it is a proxy of yours, list it`,
    );
  return networksOf(policy, address, unlistedProxy !== null);
}
