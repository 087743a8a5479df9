/** Addresses and networks: the one form of an address, which networks it lies in, who is a trusted proxy. */
import { isIP, isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";
import { remembering } from "./recent.js";

/** How many addresses are kept with what was found out of them: reading one costs as much as many look-ups. */
const REMEMBERED = 10_000;

/** A peer on a Unix socket or a Windows pipe: a process of this machine, without an address. */
export const UNIX_PEER = "unix";

/** Whether the peer at this address, or on a socket (`UNIX_PEER`), may say for whom it speaks (`Forwarded`, `X-Forwarded-*`). */
export type TrustPeer = (peer: string) => boolean;

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

/** What stands for several networks at once. A Unix socket is no network, so `loopback` names it besides (`trustedPeers`). */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.0/8", "::1/128"],
  linklocal: ["169.254.0.0/16", "fe80::/10"],
  uniquelocal: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
};

const BRACKETED = /^\[([^\][]*)\](?::(?:\d{1,5}|_[\w.-]+))?$/;
/** Where four decimal numbers end the address, what follows the next colon is its port. */
const WITH_PORT = /^((?:[0-9a-f:]*:)?\d+\.\d+\.\d+\.\d+):(?:\d{1,5}|_[\w.-]+)$/i;
const ZONE = /^([^%]+)%[\w.~-]+$/;

/**
 * The one form of an address that a socket or a proxy tells: without port, brackets, quotes and zone, IPv6 as RFC 5952
 * writes it, IPv4 inside IPv6 (`::ffff:10.0.0.1`) as IPv4. Null for what cannot be read, and for what two programs would
 * read differently (`010.0.0.1`).
 */
export const readAddress = remembering(REMEMBERED, (text: string): string | null => {
  const trimmed = text.replace(/^[ \t]+|[ \t]+$/g, "").replace(/^"(.*)"$/, "$1");
  const inside = BRACKETED.exec(trimmed)?.[1];
  if (inside !== undefined) return isIPv6(inside) ? canonical(inside) : null;
  return canonical(WITH_PORT.exec(trimmed)?.[1] ?? trimmed);
});

function canonical(text: string): string | null {
  const bare = isIPv6(text) ? (ZONE.exec(text)?.[1] ?? text) : text;
  // Node's own check is strict: no octal and no hexadecimal numbers, no missing parts.
  return isIP(bare) === 0 || bare.includes("%") ? null : fourInSix(parsed(bare)).toString();
}

/** The library takes `::10.0.0.1` (RFC 4291, 2.5.5.1) for IPv4; without dots it does not. */
function parsed(address: string): Address {
  return ipaddr.parse(isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address);
}

function fourInSix(address: Address): Address {
  return isMapped(address) ? address.toIPv4Address() : address;
}

function isMapped(address: Address): address is ipaddr.IPv6 {
  return address.kind() === "ipv6" && (address as ipaddr.IPv6).isIPv4MappedAddress();
}

/** The network whose addresses one household or machine can choose among: the address itself, of IPv6 its first 64 bits. */
export function ownNetwork(address: string): string {
  if (!isIPv6(address)) return address;
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/64`).toString()}/64`;
}

/**
 * Whether an address (as `readAddress` gives it) lies in one of the networks.
 * @param networks CIDR, addresses, or `loopback`, `linklocal`, `uniquelocal`
 * @throws TypeError for what is no network
 */
export function addressMatcher(networks: readonly string[]): (address: string) => boolean {
  const inside = networks.flatMap((network) => rangesOf(network));
  return remembering(
    REMEMBERED,
    (address) =>
      isIP(address) !== 0 &&
      ipaddr.subnetMatch(fourInSix(parsed(address)), { inside }, "outside") === "inside",
  );
}

/** Whether an address (as `readAddress` gives it) is one of the internet's: none of this machine, of a private network or reserved. */
export function isPublicAddress(address: string): boolean {
  return isIP(address) !== 0 && fourInSix(parsed(address)).range() === "unicast";
}

/** Whether this is an address, a network (CIDR), or `loopback`, `linklocal`, `uniquelocal`. */
export function isNetwork(text: string): boolean {
  try {
    return rangesOf(text).length > 0;
  } catch {
    return false;
  }
}

/** Whether this can stand in `trustProxy`: a network, or `unix`. */
export function isProxy(text: string): boolean {
  return text === UNIX_PEER || isNetwork(text);
}

/**
 * Which peers may speak for others. `loopback` is this machine, so a Unix socket belongs to it; `unix` names the socket
 * alone.
 * @throws TypeError for what is no network
 */
export function trustedPeers(proxies: readonly string[]): TrustPeer {
  const trustsSocket = proxies.includes(UNIX_PEER) || proxies.includes("loopback");
  const lies = addressMatcher(proxies.filter((proxy) => proxy !== UNIX_PEER));
  return (peer) => (peer === UNIX_PEER ? trustsSocket : lies(peer));
}

/** The first address of a network and, where there is one, the first after its last: all that can tell it from another one. */
export function edgesOf(network: string): readonly string[] {
  return rangesOf(network).flatMap(([address, bits]) => {
    const first = address.toByteArray();
    const host = first.map((byte, at) => byte & ~hostBits(at, bits));
    const next = [...host];
    for (let at = next.length - 1, carry = sizeAt(bits); at >= 0; at--) {
      const sum = (next[at] ?? 0) + (at === carry.at ? carry.step : 0);
      next[at] = sum & 255;
      if (sum > 255) carry = { at: at - 1, step: 1 };
    }
    const isOver = next.every((byte) => byte === 0);
    return [host, ...(isOver ? [] : [next])].map((bytes) => ipaddr.fromByteArray(bytes).toString());
  });
}

/** Which bits of the byte at this place a network of so many bits leaves open. */
function hostBits(at: number, bits: number): number {
  return 255 >> Math.min(8, Math.max(0, bits - 8 * at));
}

/** A network's size, as what is to be added to one of its address's bytes. */
function sizeAt(bits: number): { readonly at: number; readonly step: number } {
  const at = Math.ceil(bits / 8) - 1;
  return { at, step: 2 ** (8 * (at + 1) - bits) };
}

function rangesOf(network: string): readonly Range[] {
  if (Object.hasOwn(NAMED, network)) return (NAMED[network] ?? []).map((named) => ipaddr.parseCIDR(named));
  const [address = "", prefix, ...more] = network.split("/");
  // The library would read "10/8" as 0.0.0.10/8.
  if (isIP(address) === 0 || address.includes("%") || more.length > 0)
    throw new TypeError(`${JSON.stringify(network)} is no address and no network`);
  const whole = parsed(address);
  const most = whole.toByteArray().length * 8;
  const bits = prefix === undefined ? most : bitsOf(prefix);
  return isMapped(whole)
    ? [[whole.toIPv4Address(), inBounds(bits - 96, 32, network)]]
    : [[whole, inBounds(bits, most, network)]];
}

/** A count of bits, or an IPv4 mask such as `255.0.0.0`. */
function bitsOf(prefix: string): number {
  if (/^\d{1,3}$/.test(prefix)) return Number(prefix);
  return isIP(prefix) === 4 ? (ipaddr.IPv4.parse(prefix).prefixLengthFromSubnetMask() ?? 0) : 0;
}

/** Nobody means all addresses of the world: a prefix of no bits is a slip. */
function inBounds(bits: number, most: number, network: string): number {
  if (bits >= 1 && bits <= most) return bits;
  throw new TypeError(`${JSON.stringify(network)} has no prefix that fits`);
}
