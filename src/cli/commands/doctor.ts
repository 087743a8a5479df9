/** `curfew doctor`: asks a running site what a person's browser will meet, and says what would go wrong. */
import { isIP } from "node:net";
import { isOrigin } from "../../server/http/origins.js";
import { systemClock } from "../../server/platform/clock.js";
import { ConfigurationError } from "../../server/platform/errors.js";
import { readDuration } from "../../server/policy/durations.js";
import { examine, UnreachableError, type Wanted } from "../doctor/examine.js";
import { reportText } from "../doctor/report.js";
import { createSite } from "../doctor/site.js";
import type { CommandProcess } from "../process/process.js";
import { packageVersion } from "../settings/version.js";

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
    if (!(error instanceof ConfigurationError || error instanceof UnreachableError)) throw error;
    shell.complain(`${error.message}\n`);
    return FAILED;
  }
}

async function runDoctor(shell: CommandProcess, url: string, options: DoctorOptions): Promise<number> {
  const { site, wanted } = readOptions(url, options);
  const base = await examine(site, wanted, systemClock.now);
  const { findings, unseen, questions } = site;
  const secrets = cookieValues(options.cookie);
  const report = { url: site.url.origin + site.url.pathname, base, questions, findings, unseen };
  shell.print(reportText(report, { json: options.json === true, secrets }));
  return findings.length === 0 ? CLEAN : FOUND;
}

/** @throws ConfigurationError with every mistake, a line each */
function readOptions(url: string, options: DoctorOptions) {
  const mistakes = mistakesIn(url, options);
  const timeout = readDuration(options.timeout);
  if (typeof timeout === "string") mistakes.push(`--timeout ${timeout}`);
  if (mistakes.length > 0 || typeof timeout === "string") throw new ConfigurationError(mistakes.join("\n"));
  const wanted: Wanted = {
    base: options.base?.replace(/\/+$/, ""),
    name: options.name,
    pages: options.page,
    origins: options.origin,
    frames: options.frame,
  };
  const userAgent = `curfew-doctor/${packageVersion()}`;
  const { cookie, resolve: address } = options;
  return { site: createSite({ url: new URL(url), cookie, address, timeout, userAgent }), wanted };
}

function mistakesIn(url: string, { base, cookie, page, origin, frame, resolve }: DoctorOptions): string[] {
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
    ...[...origin, ...frame]
      .filter((text) => !isOrigin(text))
      .map(
        (text) =>
          `${JSON.stringify(text)} is no origin; write scheme, host and port, such as https://app.example.com.`,
      ),
    resolve !== undefined && isIP(resolve) === 0 && "--resolve must be an IP address.",
  ].filter((mistake) => mistake !== false);
}

const cookieValues = (cookie = ""): readonly string[] =>
  cookie.split(";").map((pair) => pair.slice(pair.indexOf("=") + 1).trim());
