/** What the doctor can find, each kind by its code with the likely cause and the cure. docs/doctor.md has a section for every code. */

export interface Finding {
  readonly code: FindingCode;
  /** What was asked, or done in the browser. */
  readonly asked: string;
  /** What came instead of what should. */
  readonly got: string;
  /** The likely cause. */
  readonly cause: string;
  readonly cure: string;
  /** Where in the package's documents it is explained. */
  readonly docs: string;
}

/** What could not be looked at, and what it takes. */
export interface Unseen {
  readonly what: string;
  readonly how: string;
}

interface Kind {
  readonly cause: string;
  readonly cure: string;
}

/** How a site is reached, and who stands before Curfew. */
const REACH = {
  "plain-http": {
    cause: "Browsers keep no Secure cookie over plain http, except of localhost and 127.0.0.1.",
    cure: "Serve the site by https, in development too (or open it as localhost).",
  },
  "framed-by-another-site": {
    cause: "Browsers send no SameSite=Lax cookie to a page that a page of another site frames.",
    cure: "Open the page in a window of its own, or serve both from one site.",
  },
  "base-not-found": {
    cause: "routes() is not mounted there, or a proxy changes the path.",
    cure: "Mount sessions.routes() before everything else; where it answers at another path, say so with --base.",
  },
  "prefix-stripped": {
    cause: "A proxy takes the base path away: Curfew answers where the path stands twice.",
    cure: "Let the proxy pass the path on as it came (in nginx proxy_pass without a path), or set the verifier's base to what it sees and data-base to what the browser sees.",
  },
  "wrong-base": {
    cause: "data-base, or the folder that the script comes from, is not where the verifier answers.",
    cure: "Leave data-base out, or write the path at which the browser reaches the verifier.",
  },
  "guard-before-routes": {
    cause: "A guard stands before routes(), so the protocol itself asks for a session.",
    cure: "Mount sessions.routes() first, then the sign-in page, then the guard.",
  },
  "sign-in-guarded": {
    cause: "A guard stands before the sign-in page itself.",
    cure: "Mount the sign-in page and what it posts to before the guard, or guard single routes.",
  },
  "post-refused": {
    cause: "Something stands before routes().",
    cure: "Mount sessions.routes() before the CSRF layer, or exempt the base path in the firewall: Curfew checks where posts come from itself.",
  },
  "body-parser-first": {
    cause: "A body parser stands before routes() and answers broken JSON itself.",
    cure: "Mount sessions.routes() before any body parser.",
  },
  "own-origin-unknown": {
    cause: "A proxy passes another Host or scheme on, and trustProxy does not list it.",
    cure: "Pass the Host on as it came, set X-Forwarded-Proto (and -Host), and list the proxy in trustProxy.",
  },
  "origin-not-listed": {
    cause: "The page's origin is not in the verifier's option \"origins\".",
    cure: "List it: scheme, host and port, without a path.",
  },
  "cors-layer": {
    cause: "Another CORS layer answers in Curfew's place, without credentials or with a wildcard.",
    cure: "Mount sessions.routes() before that layer, or leave the base path out of it.",
  },
  "origin-of-another-site": {
    cause: "The cookie is SameSite=Lax: no browser sends it from a page of another site.",
    cure: "Put page and verifier under one domain, or a proxy in front of both.",
  },
} as const satisfies Readonly<Record<string, Kind>>;

/** What is answered by the verifier, and what others make of it. */
const ANSWERS = {
  "script-not-bundled": {
    cause:
      "A release before 0.4 was bundled or traced, and its script stayed behind: Curfew answers, and has no script.",
    cure: "Install a newer release, or ship the package's folder with the server.",
  },
  "script-missing": {
    cause: "A proxy, a route of the app's own or a static folder answers in Curfew's place.",
    cure: "Let the whole base path reach sessions.routes().",
  },
  "script-differs": {
    cause:
      "Another release of Curfew serves it, or something changes it on the way (a minifier, an old copy in a CDN).",
    cure: "Run the doctor of the release that the server has installed; else let the CDN forget its copy.",
  },
  "answer-cached": {
    cause: "A service worker, a proxy or a CDN answers for the verifier with what it has kept.",
    cure: "Leave the base path alone in the service worker, and let the CDN honour no-store.",
  },
  "no-store-lost": {
    cause: "A proxy or middleware before Curfew replaces Cache-Control.",
    cure: "Leave Cache-Control of the base path as it comes.",
  },
  "store-away": {
    cause: "The verifier's store does not answer in time.",
    cure: "Look at the log of the app and at the store.",
  },
  "cookie-not-presented": {
    cause: "The cookie has another name than the verifier's, or a proxy drops it.",
    cure: "Pass the Cookie header on; give the cookie as the browser shows it, such as __Host-curfew=….",
  },
  "two-stores": {
    cause: "Several processes answer, each with a store of its own, such as memory.",
    cure: "One store for all of them: PostgreSQL or Redis, or one SQLite file on one machine.",
  },
  "two-policies": {
    cause: "Several processes answer, and their policies differ.",
    cure: "Roll one configuration out; compare curfew policy on each.",
  },
  "key-never-bound": {
    cause:
      "The page did not load the script within a minute after the sign-in, or POST key did not arrive: nothing that people do counts.",
    cure: "Put the script on every page, and see that posts reach Curfew.",
  },
  "unsafe-for-testing": {
    cause: "The policy says unsafeForTesting, which lifts the bounds that protect people.",
    cure: "Take it out wherever people sign in.",
  },
  "clock-apart": {
    cause:
      "The clock of this machine or of the server is wrong. Sessions go by the server's alone; audit records and auth_time of identity providers are off by as much.",
    cure: "Set both by NTP.",
  },
  "store-clock-apart": {
    cause: "The store's clock and the web server's differ.",
    cure: "Set all machines by NTP: deadlines go by the store's clock, authenticatedAt by the app's.",
  },
} as const satisfies Readonly<Record<string, Kind>>;

/** What pages do. */
const PAGES = {
  "page-open": {
    cause: "No guard stands before this page.",
    cure: "Put sessions.guard() or sessions.page() before its route.",
  },
  "page-cacheable": {
    cause:
      "Middleware before the guard, a CDN or guard({ cacheable: true }) lets it be kept: the back button and the next person see it after the end.",
    cure: "Let the guard's no-store stand.",
  },
  "csp-blocks": {
    cause: "The page's content security policy forbids what the client needs.",
    cure: "script-src 'self' and connect-src 'self' are enough (or the verifier's origin, where it is another).",
  },
} as const satisfies Readonly<Record<string, Kind>>;

/** What only a browser shows. */
const IN_A_BROWSER = {
  "sign-in-without-session": {
    cause:
      "sessions.start() was not called or refused: a post from another site (SAML, form_post), an auth_time in seconds or ahead, or an error before it.",
    cure: "Look at the answer and at the app's log; for form_post answer with a redirect, or pass orphanPrevious: true.",
  },
  "cookie-refused": {
    cause:
      "A __Host- cookie must come by https with Secure, Path=/ and without Domain; a proxy may have rewritten it.",
    cure: "Leave Set-Cookie as it comes (no proxy_cookie_domain, no proxy_cookie_path), and serve by https.",
  },
  "client-silent": {
    cause:
      "The page does not load the client: no script tag, a bundle without it, or a script that failed before it.",
    cure: "Put the script include on every page, or create the client in the first module of the page.",
  },
  "client-says": {
    cause: "The client met it in the page, and says so in the console.",
    cure: "Do what it says.",
  },
  "key-not-bound": {
    cause: "POST key does not arrive, or is refused: nothing that people do counts.",
    cure: "See post-refused; and keep the page open to IndexedDB and Web Crypto (https).",
  },
  "heartbeat-lost": {
    cause: "POST heartbeat does not arrive, or a script of the page keeps input from the window.",
    cure: "See post-refused; look at Curfew.session.log in the page.",
  },
  "worker-keeps-pages": {
    cause: "A service worker keeps what only a living session may show.",
    cure: "Leave guarded pages and the base path out of its caches, and forget them at the sign-out.",
  },
  "revived-by-back": {
    cause: "The page was kept without the client on it, or a worker showed its copy.",
    cure: "no-store on guarded pages, and the client on each of them.",
  },
  "ended-session-passes": {
    cause: "The page looks at another cookie than Curfew's, or a cache in front of it answers.",
    cure: "Put the guard before it; with a session of the app's own, destroy that in onEnd.",
  },
} as const satisfies Readonly<Record<string, Kind>>;

export const KINDS = { ...REACH, ...ANSWERS, ...PAGES, ...IN_A_BROWSER };

export type FindingCode = keyof typeof KINDS;

export function finding(
  code: FindingCode,
  facts: { readonly asked: string; readonly got: string; readonly cause?: string },
): Finding {
  return { code, ...KINDS[code], ...facts, docs: `docs/doctor.md#${code}` };
}
