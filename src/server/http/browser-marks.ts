/** Whether a request carries what browsers send, for the log's notes: nothing is decided by it. */
import type { HttpRequest } from "./exchange.js";

/** By Fetch Metadata, which browsers send over https and to this machine, or by what a page is asked for with. */
export function isFromBrowser(request: HttpRequest): boolean {
  return request.header("sec-fetch-site") !== null || (request.header("accept") ?? "").includes("text/html");
}
