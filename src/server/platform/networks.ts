/** Addresses and networks: who is a trusted proxy, whose request it is, which networks an address lies in. */
import type { IncomingMessage } from "node:http";
import proxyAddr from "proxy-addr";
import { ConfigurationError, messageOf } from "./errors.js";

/** Whether the peer at this address may say for whom it speaks (`X-Forwarded-*`). */
export type TrustPeer = (address: string) => boolean;

/**
 * Whether an address lies in one of the networks (CIDR, addresses, or `loopback`, `linklocal`, `uniquelocal`). IPv4
 * written as IPv6 (`::ffff:10.0.0.1`) is IPv4.
 * @throws TypeError for what is no network
 */
export function addressMatcher(networks: readonly string[]): (address: string) => boolean {
  if (networks.length === 0) return () => false;
  const lies = proxyAddr.compile([...networks]);
  return (address) => {
    const [plain = ""] = address.split("%");
    return plain !== "" && lies(plain, 0);
  };
}

/** @throws ConfigurationError */
export function trustedPeers(proxies: readonly string[]): TrustPeer {
  try {
    return addressMatcher(proxies);
  } catch (error) {
    throw new ConfigurationError(
      `options.trustProxy cannot be used: ${messageOf(error)}; write addresses such as ["loopback", "10.0.0.0/8"]`,
    );
  }
}

/** The address of the client: the first one, from the server's side, that is no trusted proxy. */
export function clientAddress(request: IncomingMessage, trusts: TrustPeer): string | null {
  if (request.socket.remoteAddress === undefined) return null;
  const address = proxyAddr(request, (peer) => trusts(peer));
  return address === "" || address === undefined ? null : address;
}
