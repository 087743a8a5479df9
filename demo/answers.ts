/** How the demo answers: pages, refusals (RFC 9457), and the reading of form fields. */
import type { ErrorRequestHandler, Response } from "express";
import { messagePage } from "./pages.js";

export const onError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) return next(error);
  const claimed: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "status") : null;
  const status = typeof claimed === "number" && claimed >= 400 ? claimed : 500;
  if (status === 500) console.error(error);
  refuse(response, status, status < 500 ? "This request cannot be accepted." : "This is not possible now.");
};

/** RFC 9457 for scripts and for everybody else who asks for no page. */
export function refuse(response: Response, status: number, title: string): void {
  if (status === 503) response.set("Retry-After", "1");
  if (response.req.accepts(["json", "html"]) === "html") sendPage(response, messagePage(title), status);
  else response.status(status).type("application/problem+json").send(JSON.stringify({ title, status }));
}

export function sendPage(response: Response, page: string, status = 200): void {
  response.status(status).type("html").set("Cache-Control", "no-store").send(page);
}

/** A field of a form or of a JSON object, or the empty text. */
export function textIn(body: unknown, name: string): string {
  const value: unknown = typeof body === "object" && body !== null ? Reflect.get(body, name) : undefined;
  return typeof value === "string" ? value : "";
}
