/** What a content security policy lets the client do, as far as sources tell: https://www.w3.org/TR/CSP3/#match-url-to-source-list. */

/** Null: nothing is said of it. */
function sourcesFor(policy: string, names: readonly string[]): readonly string[] | null {
  const directives = new Map<string, readonly string[]>();
  for (const directive of policy.split(";")) {
    const [name = "", ...sources] = directive.trim().split(/\s+/);
    if (name !== "" && !directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), sources);
  }
  const said = names.find((name) => directives.has(name));
  return said === undefined ? null : (directives.get(said) ?? []);
}

interface Target {
  readonly page: URL;
  readonly target: URL;
}

/** Whether the script may be loaded; a hash or `strict-dynamic` counts as leave, for only a browser can tell. */
export function allowsScript(
  policy: string,
  { nonce, ...target }: Target & { nonce: string | null },
): boolean {
  const sources = sourcesFor(policy, ["script-src-elem", "script-src", "default-src"]);
  if (sources === null) return true;
  if (nonce !== null && sources.includes(`'nonce-${nonce}'`)) return true;
  if (sources.some((source) => /^'(?:sha(?:256|384|512)-|strict-dynamic)/.test(source))) return true;
  return sources.some((source) => matches(source, target));
}

/** Whether a script may ask there. */
export function allowsConnection(policy: string, target: Target): boolean {
  const sources = sourcesFor(policy, ["connect-src", "default-src"]);
  return sources === null || sources.some((source) => matches(source, target));
}

const HOST = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(\*\.)?([^/:]+)(?::(\d+|\*))?(\/.*)?$/i;

function matches(source: string, { page, target }: Target): boolean {
  if (source === "*") return /^https?:$/.test(target.protocol);
  if (source.toLowerCase() === "'self'") return target.origin === page.origin;
  if (/^[a-z][a-z0-9+.-]*:$/i.test(source)) return isScheme(source.slice(0, -1), target);
  const [, scheme, wildcard, host = "", port, path] = HOST.exec(source) ?? [];
  if (!isScheme(scheme ?? page.protocol.slice(0, -1), target)) return false;
  const name = target.hostname.toLowerCase();
  const isHost =
    wildcard === undefined ? name === host.toLowerCase() : name.endsWith(`.${host.toLowerCase()}`);
  return isHost && isPort(port, target) && isPath(path, target);
}

/** A source of http lets https pass too. */
const isScheme = (scheme: string, { protocol }: URL): boolean =>
  protocol === `${scheme.toLowerCase()}:` || (scheme.toLowerCase() === "http" && protocol === "https:");

const isPort = (port: string | undefined, target: URL): boolean =>
  port === "*" || (port ?? "") === target.port;

const isPath = (path: string | undefined, { pathname }: URL): boolean =>
  path === undefined || (path.endsWith("/") ? pathname.startsWith(path) : pathname === path);
