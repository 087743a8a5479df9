/** `curfew doctor`: asks a running site what a person's browser will meet, and says what would go wrong. */
import { isIP } from "node:net";
import { isOrigin } from "../../server/http/origins.js";
import { systemClock } from "../../server/platform/clock.js";
import { ConfigurationError } from "../../server/platform/errors.js";
import { packageVersion } from "../../server/platform/version.js";
import { readDuration } from "../../server/policy/durations.js";
import { launchChromium } from "../doctor/browser/driver.js";
import { examineInBrowser } from "../doctor/browser/examine-in-browser.js";
import { cookieOf, signInBy } from "../doctor/browser/sign-in.js";
import { openTab } from "../doctor/browser/tab.js";
import { examine, type Wanted } from "../doctor/examine.js";
import { reportText } from "../doctor/report.js";
import { createSite, DoctorError, type Site } from "../doctor/site.js";
import type { CommandProcess } from "../process/process.js";

/** As commander hands them on. */
export interface DoctorOptions {
  readonly base?: string;
  readonly name: string;
  readonly cookie?: string;
  readonly page: readonly string[];
  readonly origin: readonly string[];
  readonly frame: readonly string[];
  readonly resolve?: string;
  readonly timeout: string;
  readonly json?: boolean;
  readonly httpOnly?: boolean;
  readonly browser?: string;
  readonly login?: string;
  readonly also: readonly string[];
}

/** Nothing found, something found, could not be asked. */
const CLEAN = 0;
const FOUND = 1;
const FAILED = 2;

/** @returns the exit code */
export async function doctorCommand(
  shell: CommandProcess,
  url: string,
  options: DoctorOptions,
): Promise<number> {
  try {
    return await runDoctor(shell, url, options);
  } catch (error) {
    if (!(error instanceof ConfigurationError || error instanceof DoctorError)) throw error;
    shell.complain(`${error.message}\n`);
    return FAILED;
  }
}

async function runDoctor(shell: CommandProcess, url: string, options: DoctorOptions): Promise<number> {
  const { site, wanted, timeout } = readOptions(url, options);
  const browser = options.httpOnly === true ? null : await openBrowser(site, options);
  try {
    const tab =
      browser === null ? null : await openTab(browser, { url: site.url, also: options.also, timeout });
    const hasSignedIn = tab !== null && options.login !== undefined;
    if (hasSignedIn) {
      await signInBy(options.login, tab, site);
      site.showCookie(await cookieOf(tab, site));
    }
    const secrets = cookieValues(site.cookie ?? "");
    // A browser that is signed in sees what its frames do.
    const frames = hasSignedIn ? [] : wanted.frames;
    const base = await examine(site, { ...wanted, frames, hasSignedIn }, systemClock.now);
    if (tab !== null && base !== null) await examineInBrowser({ ...wanted, site, tab, base, hasSignedIn });
    const { findings, unseen, questions } = site;
    const report = { url: site.url.origin + site.url.pathname, base, questions, findings, unseen };
    shell.print(reportText(report, { json: options.json === true, secrets }));
    return findings.length === 0 ? CLEAN : FOUND;
  } finally {
    await browser?.close();
  }
}

/** A browser that reaches the site, and what is listed besides; null where there is none, which is told. */
async function openBrowser(site: Site, { browser: executable, also, resolve: address }: DoctorOptions) {
  const hosts = [site.url, ...also.map((origin) => new URL(origin))].map(({ hostname }) => hostname);
  const browser = await launchChromium({ executable, hosts, address });
  if (!("what" in browser)) return browser;
  site.notSeen(`what only a browser shows: ${browser.what}`, browser.how);
  return null;
}

/** @throws ConfigurationError with every mistake, a line each */
function readOptions(url: string, options: DoctorOptions) {
  const mistakes = mistakesIn(url, options);
  const timeout = readDuration(options.timeout);
  if (typeof timeout === "string") mistakes.push(`--timeout ${timeout}`);
  if (mistakes.length > 0 || typeof timeout === "string") throw new ConfigurationError(mistakes.join("\n"));
  const wanted: Omit<Wanted, "hasSignedIn"> = {
    base: options.base?.replace(/\/+$/, ""),
    name: options.name,
    pages: options.page,
    origins: options.origin,
    frames: options.frame,
  };
  const userAgent = `curfew-doctor/${packageVersion()}`;
  const { cookie, resolve: address } = options;
  return { site: createSite({ url: new URL(url), cookie, address, timeout, userAgent }), wanted, timeout };
}

function mistakesIn(
  url: string,
  { base, cookie, page, origin, frame, also, resolve, login }: DoctorOptions,
): string[] {
  const isWeb = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  return [
    !isWeb && "The URL must be one of http or https, such as https://app.example.com/.",
    isWeb &&
      (new URL(url).username !== "" || new URL(url).password !== "") &&
      "The URL must hold no password.",
    base !== undefined && !base.startsWith("/") && "--base must be a path, such as /curfew.",
    cookie !== undefined &&
      !/^[^\s=;]+=[^\r\n]*$/.test(cookie) &&
      "--cookie must be NAME=VALUE, as the browser sends it.",
    page.some((path) => !/^\/(?![/\\])/.test(path)) &&
      "--page must be a path of this origin, such as /account.",
    ...[...origin, ...frame, ...also]
      .filter((text) => !isOrigin(text))
      .map(
        (text) =>
          `${JSON.stringify(text)} is no origin; write scheme, host and port, such as https://app.example.com.`,
      ),
    cookie !== undefined &&
      login !== undefined &&
      "--cookie and --login are two ways to be signed in: give one.",
    resolve !== undefined && isIP(resolve) === 0 && "--resolve must be an IP address.",
  ].filter((mistake) => mistake !== false);
}

const cookieValues = (cookie: string): readonly string[] =>
  cookie.split(";").map((pair) => pair.slice(pair.indexOf("=") + 1).trim());
