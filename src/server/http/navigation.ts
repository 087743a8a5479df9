/** Which requests a browser marks as a person's navigation (Fetch Metadata). */
import type { HttpRequest } from "./exchange.js";

/** Whether the browser marks the request as a person's navigation within the site. Its absence proves nothing. */
export function isPersonsNavigation(request: HttpRequest): boolean {
  return (
    (request.method === "GET" || request.method === "POST") &&
    request.header("sec-fetch-mode") === "navigate" &&
    request.header("sec-fetch-user") === "?1" &&
    request.header("sec-fetch-dest") === "document" &&
    request.header("sec-fetch-site") === "same-origin" &&
    request.header("sec-purpose") === null &&
    request.header("purpose") === null &&
    request.header("x-moz") === null
  );
}
