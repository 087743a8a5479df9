/** Origins and sites, as cookies go by them, as far as that can be told without the list of public suffixes. */

/** Whether two URLs are surely of two sites: `SameSite` cookies do not go from one to the other. */
export function areTwoSites(one: URL, other: URL): boolean {
  if (one.protocol !== other.protocol) return true;
  return siteOf(one.hostname) !== siteOf(other.hostname);
}

/** The last two labels: of hosts that differ there, no suffix makes one site. An address is a site of its own. */
function siteOf(host: string): string {
  return isAddress(host) ? host : host.split(".").slice(-2).join(".");
}

const isAddress = (host: string): boolean => /^\d+(?:\.\d+){3}$/.test(host) || host.startsWith("[");

/** Whether browsers keep a `Secure` cookie of this origin: https, or what they trust over http. */
export function keepsSecureCookies({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || /^(?:.+\.)?localhost$|^127\.|^\[::1\]$/.test(hostname);
}
