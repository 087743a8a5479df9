/** When a request of Node is over: with its answer, with its stream, or with the socket that it has become. */

import type { IncomingMessage } from "node:http";
import type { Writable } from "node:stream";
import { memberOf } from "../platform/members.js";

/**
 * Where a request has its answer, where the verifier was given both. On the request itself: a WeakMap that gets an entry
 * with each request makes the collector keep some of the requests for long.
 */
const ANSWER = Symbol("curfew.answer");

/** @param response as the framework hands it on; anything else is left aside */
export function rememberResponse(message: Answerable, response: unknown): void {
  if (message.res !== response && isWritable(response)) message[ANSWER] = response;
}

/** What frameworks and HTTP/2 add to a request. */
interface Answerable extends IncomingMessage {
  /** Express. */
  readonly res?: unknown;
  /** HTTP/2. */
  readonly stream?: unknown;
  /** Whether the socket is handed over to another protocol. */
  readonly upgrade?: unknown;
  [ANSWER]?: Writable;
}

/** As `HttpRequest.onClosed`. */
export function onNodeClosed(message: IncomingMessage, listener: (isAnswered: boolean) => void): boolean {
  const { res, stream, upgrade, socket, [ANSWER]: given }: Answerable = message;
  if (upgrade === true) {
    onClose(socket, () => listener(false));
    return true;
  }
  const answer = [given, res, stream, answerOn(socket, message)].find(isWritable);
  if (answer === undefined) return false;
  // A stream of HTTP/2 that the browser has given up counts as finished, and says besides that it was aborted.
  onClose(answer, () => listener(answer.writableFinished && memberOf(answer, "aborted") !== true));
  return true;
}

/** Whether the server of this request takes no connections any more, and waits for those that it has. */
export function isServerClosing({ socket }: IncomingMessage): boolean {
  return memberOf(memberOf(socket, "server"), "listening") === false;
}

/** The answer that Node is about to send on a socket of HTTP/1, if it is this request's. */
function answerOn(socket: unknown, message: IncomingMessage): unknown {
  const answer = memberOf(socket, "_httpMessage");
  return memberOf(answer, "req") === message ? answer : undefined;
}

/** Also where it is closed already: later in any case, so that the caller has what it waits for. */
export function onClose(
  closing: Pick<Writable, "closed" | "destroyed" | "once">,
  listener: () => void,
): void {
  if (closing.closed || closing.destroyed) queueMicrotask(listener);
  else closing.once("close", listener);
}

function isWritable(value: unknown): value is Writable {
  return typeof value === "object" && value !== null && "writableFinished" in value && "once" in value;
}
