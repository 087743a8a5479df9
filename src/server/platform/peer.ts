/** Who is at the other end of a connection: an address, or a process of this machine on a Unix socket. */
import type { Socket } from "node:net";
import { readAddress, UNIX_PEER } from "./networks.js";

/** Servers that listen on a path (or a pipe that was handed over), so that a closing one is known still. */
const onPipes = new WeakMap<object, boolean>();

/**
 * The address of the peer, `UNIX_PEER`, or null where nobody knows: the connection of a peer that has gone tells no
 * address either, so the lack of one alone says nothing.
 */
export function peerOf(socket: Pick<Socket, "remoteAddress">): string | null {
  const { remoteAddress } = socket;
  if (remoteAddress !== undefined) return readAddress(remoteAddress);
  return listensOnPipe(Reflect.get(socket, "server")) ? UNIX_PEER : null;
}

/** A server on a path says so as its address; one on a pipe that was handed over (systemd) listens and has no address. */
function listensOnPipe(server: unknown): boolean {
  if (!isServer(server)) return false;
  const known = onPipes.get(server);
  if (known !== undefined) return known;
  const address = server.address();
  const isPipe = typeof address === "string" || (address === null && server.listening);
  if (isPipe || address !== null) onPipes.set(server, isPipe);
  return isPipe;
}

interface ListeningServer {
  readonly listening: boolean;
  address(): unknown;
}

function isServer(value: unknown): value is ListeningServer {
  return (
    typeof value === "object" &&
    value !== null &&
    "listening" in value &&
    "address" in value &&
    typeof value.address === "function"
  );
}
