/** One HTTP listener: on an address or a Unix socket, answering whatever happens, closed in order. */
import { chmodSync, lstatSync, unlinkSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { connect } from "node:net";
import type { HttpAnswer } from "../../server/http/exchange.js";
import { sendNodeAnswer } from "../../server/http/node.js";
import { problem } from "../../server/http/problems.js";
import { within } from "../../server/platform/clock.js";
import { ConfigurationError, messageOf } from "../../server/platform/errors.js";
import type { Logger } from "../../server/platform/logger.js";
import { withUmask } from "../process/process.js";
import { addressText, type ListenAddress } from "../settings/addresses.js";
import { failureAnswer } from "./problems.js";

interface Listener {
  /** Where it answers, with the port that the system gave. */
  readonly at: string;
  /** Takes no new connections; resolves when the calls under way are answered, or cut off. */
  close(): Promise<void>;
}

/** How long a request may take to come whole. */
const REQUEST_TIMEOUT = 30_000;
const HEADERS_TIMEOUT = 10_000;
/** Longer than a proxy keeps an idle connection (nginx: 60 s), so that it never sends a call into one that closes. */
const KEEP_ALIVE_TIMEOUT = 75_000;
/** As much as nginx takes by default, twice: a browser with many cookies is no reason to refuse. */
const HEADER_LIMIT = 64 * 1024;
/** How long calls may go on once the listener is closed. */
const CLOSE_PERIOD = 10_000;
/** For the owner and the group: the proxy's user joins the group. */
const SOCKET_MODE = 0o660;

/**
 * @param who listens, for the message
 * @throws ConfigurationError where it cannot listen there
 */
export async function listen(
  who: string,
  address: ListenAddress,
  answer: (message: IncomingMessage) => Promise<HttpAnswer>,
  logger: Logger,
): Promise<Listener> {
  const server = createServer({
    requestTimeout: REQUEST_TIMEOUT,
    headersTimeout: HEADERS_TIMEOUT,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    maxHeaderSize: HEADER_LIMIT,
  });
  // Node would drop what comes after the 2,000th header, and the app would not: HEADER_LIMIT bounds them.
  server.maxHeadersCount = 0;
  server.on("request", (message, response) => {
    answered(answer, message, logger)
      .then((result) => {
        if (!server.listening) response.setHeader("Connection", "close");
        sendNodeAnswer(response, message.method === "HEAD" ? { ...result, body: null } : result);
      })
      .catch((error: unknown) => {
        logger.error(`an answer could not be sent: ${messageOf(error)}`);
        response.destroy();
      });
  });
  if (address.type === "unix") await removeStaleSocket(address.path);
  await opened(who, server, address);
  if (address.type === "unix") chmodSync(address.path, SOCKET_MODE);
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  return {
    at: addressText(address.type === "tcp" ? { ...address, port } : address),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await within(CLOSE_PERIOD, closed, () => new Error("late")).catch(() => server.closeAllConnections());
    },
  };
}

async function answered(
  answer: (message: IncomingMessage) => Promise<HttpAnswer>,
  message: IncomingMessage,
  logger: Logger,
): Promise<HttpAnswer> {
  try {
    return await answer(message);
  } catch (error) {
    const foreseen = failureAnswer(error);
    if (foreseen !== null) return foreseen;
    logger.error(`a call failed: ${messageOf(error)}`);
    return problem("unavailable");
  }
}

function opened(who: string, server: Server, address: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const code = "code" in error ? String(error.code) : error.message;
      const what = code === "EADDRINUSE" ? "something else listens there" : code;
      reject(new ConfigurationError(`${who} cannot listen on ${addressText(address)}: ${what}`));
    });
    // A socket is made while `listen` is called: under the umask nobody else can connect before its mode is set.
    if (address.type === "unix")
      withUmask(0o777 & ~SOCKET_MODE, () => server.listen({ path: address.path }, resolve));
    else server.listen({ host: address.host, port: address.port }, resolve);
  });
}

/** A process that was killed leaves its socket behind. One that somebody answers on is left alone, as is any other file. */
async function removeStaleSocket(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return;
  const isStale = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(false);
    });
    probe.once("error", (error) => resolve("code" in error && error.code === "ECONNREFUSED"));
  });
  if (isStale) unlinkSync(path);
}
