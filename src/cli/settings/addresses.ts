/** Where the sidecar listens: `host:port`, or `unix:PATH` for the private listener, which is never open to a network. */
import { isIPv6 } from "node:net";
import { addressMatcher, readAddress } from "../../server/platform/networks.js";

export type ListenAddress =
  | { readonly type: "tcp"; readonly host: string; readonly port: number }
  | { readonly type: "unix"; readonly path: string };

const TCP = /^(?:\[([0-9a-f:.]+(?:%[\w.~-]+)?)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/i;
/** Some resolvers read such a name as an IPv4 address in octal, in hexadecimal or with parts left out. */
const ENDS_IN_NUMBER = /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/i;
/** What a kernel takes as the path of a socket, with its closing zero: 108 bytes on Linux, 104 on macOS. */
const LONGEST_SOCKET_PATH = 103;

const liesOnLoopback = addressMatcher(["loopback"]);

/** The address, or a sentence that says what to write instead. */
export function readPublicAddress(text: string): ListenAddress | string {
  const address = tcpAddress(text);
  if (address === null) return 'must be an address and a port, such as "127.0.0.1:4180"';
  if (!ENDS_IN_NUMBER.test(address.host) || readAddress(address.host) !== null) return address;
  return `is ${JSON.stringify(text)}, which programs read differently; write the address in four decimal numbers, such as "127.0.0.1:4180"`;
}

/** The same, for loopback and Unix sockets only. */
export function readPrivateAddress(text: string): ListenAddress | string {
  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length);
    if (path === "") return 'must name the socket, such as "unix:/run/curfew.sock"';
    if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH)
      return `names a socket of more than ${LONGEST_SOCKET_PATH} bytes, which is more than systems take`;
    return { type: "unix", path };
  }
  const address = tcpAddress(text);
  if (address === null) return 'must be "127.0.0.1:4181" or "unix:/run/curfew.sock"';
  if (isLoopback(address.host)) return address;
  return `is ${JSON.stringify(text)}, which a network can reach; write a loopback address such as "127.0.0.1:4181", or "unix:/run/curfew.sock"`;
}

/** For the line that says where the sidecar answers. */
export function addressText(address: ListenAddress): string {
  if (address.type === "unix") return `unix:${address.path}`;
  const { host, port } = address;
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

function tcpAddress(text: string): Extract<ListenAddress, { type: "tcp" }> | null {
  const [, six, other, digits] = TCP.exec(text) ?? [];
  const host = six ?? other;
  const port = Number(digits);
  if (host === undefined || port > 65_535 || (six !== undefined && !isIPv6(six))) return null;
  return { type: "tcp", host, port };
}

/** Of names only `localhost`: what any other name stands for may change after the check. */
function isLoopback(host: string): boolean {
  const address = readAddress(host);
  return address === null ? host.toLowerCase() === "localhost" : liesOnLoopback(address);
}
