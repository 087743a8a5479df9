/** The site that is examined: how it is asked, and where what is found is kept. */
import { type Finding, type FindingCode, finding, type Unseen } from "./findings.js";
import { type Answer, askedOf, gotOf } from "./http/answer.js";
import { ask } from "./http/ask.js";

/** Why the site cannot be examined at all. */
export class DoctorError extends Error {
  override readonly name = "DoctorError";
}

interface SiteOptions {
  /** The page that people come to first. */
  readonly url: URL;
  /** `name=value` of the session's cookie, or of all cookies, between "; ". */
  readonly cookie?: string | undefined;
  /** An address in place of what the name resolves to. */
  readonly address?: string | undefined;
  /** For one answer, in milliseconds. */
  readonly timeout: number;
  readonly userAgent: string;
}

interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Site {
  readonly url: URL;
  readonly cookie: string | null;
  readonly findings: readonly Finding[];
  readonly unseen: readonly Unseen[];
  /** How many requests have been made. */
  readonly questions: number;
  /** @param path from the origin on, or a URL of it */
  ask(path: string | URL, asking?: Asking): Promise<Answer>;
  found(code: FindingCode, facts: { asked: string; got: string; cause?: string }): void;
  /** The same of one answer. */
  foundIn(code: FindingCode, answer: Answer, more?: { readonly got?: string; readonly cause?: string }): void;
  notSeen(what: string, how: string): void;
  /** From here on somebody is signed in. */
  showCookie(cookie: string): void;
}

/** What a browser says of a page that a person opens. */
export const NAVIGATION = {
  accept: "text/html,application/xhtml+xml",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
  "sec-fetch-site": "none",
  "sec-fetch-user": "?1",
} as const;

/** What a browser says of a script's own request. */
export const SCRIPT = {
  accept: "*/*",
  "sec-fetch-mode": "cors",
  "sec-fetch-dest": "empty",
  "sec-fetch-site": "same-origin",
} as const;

export function createSite({ url, cookie, ...options }: SiteOptions): Site {
  let shown = cookie ?? null;
  const findings: Finding[] = [];
  const unseen: Unseen[] = [];
  let questions = 0;
  const found: Site["found"] = (code, facts) => {
    const isKnown = findings.some((one) => one.code === code && one.asked === facts.asked);
    if (!isKnown) findings.push(finding(code, facts));
  };
  return {
    url,
    get cookie() {
      return shown;
    },
    findings,
    unseen,
    get questions() {
      return questions;
    },
    ask(path, asking = {}) {
      questions++;
      return ask({ ...asking, url: new URL(path, url) }, { origin: url.origin, ...options });
    },
    found,
    foundIn: (code, answer, more = {}) =>
      found(code, { asked: askedOf(answer), got: gotOf(answer), ...more }),
    notSeen: (what, how) => void unseen.push({ what, how }),
    showCookie(given) {
      shown = given === "" ? null : given;
    },
  };
}
