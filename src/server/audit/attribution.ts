/** Who acted, why and from where: what a record says besides what happened. */

import { ownNetwork } from "../platform/networks.js";
import { keyedHash } from "../platform/secrets.js";

/** Nothing of it where nobody acted: a deadline passes by itself. */
export interface Attribution {
  /** Who: the app's own id of an administrator or a job; `app`, `person`, `idp` or `cli` where nobody says. */
  readonly actor?: string;
  /** Why, in the words of whoever acted. */
  readonly note?: string;
  readonly browser?: CallingBrowser;
  /** In the place of the browser: the hash that was made of it before. */
  readonly from?: string;
}

/** What is known of the browser whose request it was. */
export interface CallingBrowser {
  /** In its one form; null where nobody tells it. */
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** The first that fits: most browsers name the others too. */
const FAMILIES: readonly (readonly [string, RegExp])[] = [
  ["edge", /\bEdg(?:A|iOS)?\//],
  ["opera", /\bOPR\//],
  ["samsung", /\bSamsungBrowser\//],
  ["firefox", /\b(?:Firefox|FxiOS)\//],
  ["chromium", /(?:Chrome|Chromium|CriOS)\//],
  ["safari", /\bSafari\//],
];

/**
 * A hash of the browser's network and family: records from one place have the same, and who has no key cannot tell which
 * place it is. A new address of the same network (IPv6) and a new version change nothing. Null where nothing is known.
 */
export function placeHash(key: Uint8Array, { address, userAgent }: CallingBrowser): string | null {
  if (address === null && userAgent === null) return null;
  const family = FAMILIES.find(([, pattern]) => pattern.test(userAgent ?? ""))?.[0] ?? "other";
  return keyedHash(key, JSON.stringify([address === null ? null : ownNetwork(address), family]));
}
