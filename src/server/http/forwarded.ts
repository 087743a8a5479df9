/**
 * Whose request it is and what it was sent to: from the connection, and from `Forwarded` (RFC 7239) or `X-Forwarded-*`
 * where the peer is a trusted proxy. What cannot be read is unknown, never guessed.
 */
import parseElements from "forwarded-parse";
import { readAddress, type TrustPeer, UNIX_PEER } from "../platform/networks.js";
import { remembering } from "../platform/recent.js";
import type { HttpRequest, Unknown } from "./exchange.js";

/** A request as it arrived, before anybody is believed. */
export interface Arrival {
  /** The peer's address in its one form, `UNIX_PEER`, or null where nobody knows. */
  readonly peer: string | null;
  readonly scheme: string;
  /** Every host that the request names, with commas between them; empty where it names none. */
  readonly host: string;
  /** Whether the peer speaks for a browser in any case: then its own address is nobody's. */
  readonly relayed: boolean;
  header(name: string): string | null;
}

export type Sender = Pick<
  HttpRequest,
  "address" | "unknownAddress" | "unlistedProxy" | "origin" | "unknownOrigin"
>;

/** What one of the two languages says, for itself. */
interface Said {
  readonly name: string;
  readonly address: Told;
  readonly origin: Told;
}

type Told = { readonly value: string } | { readonly unknown: Unknown };

export function readSender(arrival: Arrival, trusts: TrustPeer): Sender {
  const { peer } = arrival;
  const isTrusted = peer !== null && trusts(peer);
  const languages = isTrusted ? [inForwarded(arrival, trusts), inXForwarded(arrival, trusts)] : [];
  const said = languages.filter((language) => language !== null);
  const address = agreed(said, "address") ?? peersAddress(arrival);
  const origin = agreed(said, "origin") ?? originOf(arrival.scheme, arrival.host, null, "peer");
  return {
    address: "value" in address ? address.value : null,
    unknownAddress: "value" in address ? null : address.unknown,
    unlistedProxy: !isTrusted && saysForWhom(arrival) ? peer : null,
    // Not "null": that is what a sandboxed frame calls its origin.
    origin: "value" in origin ? origin.value : "",
    unknownOrigin: "value" in origin ? null : origin.unknown,
  };
}

const saysForWhom = ({ header }: Arrival) =>
  ["forwarded", "x-forwarded-for", "x-real-ip"].some((name) => (header(name) ?? "") !== "");

const unknown = (whose: Unknown["whose"], cause: string): Told => ({ unknown: { whose, cause } });

const NOT_RELAYED = unknown(
  "peer",
  "the browser's address was not passed on: list the proxy or the app that calls in `trustProxy`, and let it send X-Forwarded-For or Forwarded",
);

function peersAddress({ peer, relayed }: Arrival): Told {
  return relayed ? NOT_RELAYED : addressOf(peer);
}

function addressOf(peer: string | null): Told {
  if (peer === null)
    return unknown(
      "peer",
      "the connection tells no address: on a fetch-style server pass { address } with each request",
    );
  if (peer !== UNIX_PEER) return { value: peer };
  return unknown(
    "peer",
    'the connection is a Unix socket, which has no address: write trustProxy: ["unix"], and let the proxy at its other end send X-Forwarded-For or Forwarded',
  );
}

/** What was said in the one language, or alike in both. A proxy that sets one of them may let the browser's own other one through. */
function agreed(said: readonly Said[], what: "address" | "origin"): Told | null {
  const [first, second] = said;
  if (first === undefined) return null;
  if (second === undefined) return first[what];
  const [one, two] = [first[what], second[what]];
  if ("unknown" in one) return one;
  if ("unknown" in two) return two;
  if (one.value === two.value) return one;
  return unknown(
    "proxy",
    `${first.name} and ${second.name} name different ${what === "address" ? "clients" : "origins"}: let the proxy remove the one that it does not set itself`,
  );
}

/** RFC 7239. Null where the request has none. */
function inForwarded(arrival: Arrival, trusts: TrustPeer): Said | null {
  const header = arrival.header("forwarded");
  if (header === null || header.trim() === "") return null;
  const name = "Forwarded";
  const elements = elementsOf(header);
  if (elements === null) {
    const told = unreadable(name, header);
    return { name, address: told, origin: told };
  }
  const walk = clientOf(
    elements.map((element) => element.for ?? ""),
    { trusts, name, peer: peersAddress(arrival) },
  );
  const element = elements.at(-walk.hops);
  const origin = originOf(element?.proto ?? arrival.scheme, element?.host ?? arrival.host, null, "proxy");
  return { name, address: walk.address, origin };
}

/** Null for what is not RFC 7239, and for an element that says one thing twice. */
function elementsOf(header: string): readonly Readonly<Record<string, string>>[] | null {
  const bare = header.replace(/"(?:[^"\\]|\\.)*"/g, "");
  const saysTwice = bare.split(",").some((element) => {
    const names = element.split(";").map((pair) => (pair.split("=")[0] ?? "").trim().toLowerCase());
    return new Set(names).size < names.length;
  });
  try {
    return saysTwice ? null : parseElements(header);
  } catch {
    return null;
  }
}

/** Null where the request has none of them. */
function inXForwarded(arrival: Arrival, trusts: TrustPeer): Said | null {
  const list = (name: string) => {
    const value = arrival.header(`x-forwarded-${name}`);
    return value === null || value.trim() === "" ? null : value.split(",").map((entry) => entry.trim());
  };
  const [clients, protos, hosts, ports] = [list("for"), list("proto"), list("host"), list("port")];
  if (clients === null && protos === null && hosts === null && ports === null) return null;
  const name = "X-Forwarded-For";
  const walk = clientOf(clients ?? [], { trusts, name, peer: peersAddress(arrival) });
  const scheme = protos === null ? arrival.scheme : entryAt(protos, walk.hops);
  const host = hosts === null ? arrival.host : entryAt(hosts, walk.hops);
  const port = ports === null ? null : entryAt(ports, walk.hops);
  return { name: "X-Forwarded-*", address: walk.address, origin: originOf(scheme, host, port, "proxy") };
}

interface Walk {
  readonly address: Told;
  /** How many entries, from the right, trusted proxies have written: at least the nearest one's. */
  readonly hops: number;
}

/** From the right, the first client that is no trusted proxy; where all of them are, the first of the chain. */
function clientOf(
  clients: readonly string[],
  known: { readonly trusts: TrustPeer; readonly name: string; readonly peer: Told },
): Walk {
  let last = known.peer;
  for (const [at, client] of [...clients].reverse().entries()) {
    const peer = client.trim() === "unix:" ? UNIX_PEER : readAddress(client);
    if (peer === null) return { address: unreadable(known.name, client), hops: at + 1 };
    last = addressOf(peer);
    if (!known.trusts(peer)) return { address: last, hops: at + 1 };
  }
  return { address: last, hops: Math.max(1, clients.length) };
}

/**
 * What the outermost trusted proxy wrote. One entry is everybody's: most proxies set these headers instead of adding to
 * them, and so are several that say the same.
 */
function entryAt(entries: readonly string[], hops: number): string {
  const isOne = entries.every((entry) => entry === entries[0]);
  return (isOne ? entries[0] : entries[entries.length - hops]) ?? "";
}

const SCHEMES: Readonly<Record<string, string>> = { http: "http", https: "https", ws: "http", wss: "https" };
const HOST = /^(?:\[[0-9a-f:.]+\]|[\w.~-]+)(:\d{1,5})?$/i;

/** @param port of a host that says none itself: proxies that cut it off the host say it besides */
function originOf(scheme: string, host: string, port: string | null, whose: Unknown["whose"]): Told {
  const told = originAt(JSON.stringify([scheme, host, port]));
  return told === null ? unknownOrigin(scheme, host, port, whose) : { value: told };
}

/** How many origins are kept: a server has few. */
const REMEMBERED_ORIGINS = 100;

/** Of scheme, host and port as one text; null where they make no origin. */
const originAt = remembering(REMEMBERED_ORIGINS, (text: string): string | null => {
  const [scheme = "", host = "", port = null] = JSON.parse(text) as [string, string, string | null];
  const known = Object.hasOwn(SCHEMES, scheme.toLowerCase()) ? SCHEMES[scheme.toLowerCase()] : undefined;
  const match = HOST.exec(host);
  const hasPort = match?.[1] !== undefined || port === null;
  const url = `${known}://${host}${hasPort ? "" : `:${port}`}`;
  if (known !== undefined && match !== null && (port === null || /^\d{1,5}$/.test(port)) && URL.canParse(url))
    return new URL(url).origin;
  return null;
});

function unknownOrigin(scheme: string, host: string, port: string | null, whose: Unknown["whose"]): Told {
  const said = [
    `scheme ${quoted(scheme)}`,
    `host ${quoted(host)}`,
    ...(port === null ? [] : [`port ${quoted(port)}`]),
  ];
  return unknown(
    whose,
    `the request names ${said.join(", ")}, which is no single origin: let ${whose === "proxy" ? "the proxy send one scheme and one host" : "one Host reach this server"}`,
  );
}

function unreadable(name: string, value: string): Told {
  return unknown(
    "proxy",
    `${name} of a trusted proxy says ${quoted(value)}, which is no address: let the proxy pass on the client's, such as 203.0.113.9 or "[2001:db8::9]:443"`,
  );
}

/** A header's text as it may stand in a log: short, and on one line. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text).replace(/[^\x20-\x7e…]/g, "?");
}
