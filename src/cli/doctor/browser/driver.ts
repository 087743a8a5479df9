/** Finds what drives a browser (`playwright-core`, which the project may have) and a Chromium for it. */
import { existsSync } from "node:fs";
import type { Browser, BrowserType } from "playwright-core";
import { requireOptional } from "../../../server/platform/optional.js";

/** Where systems keep a Chromium or a Chrome. */
const PATHS = [
  "/usr/bin/chromium",
  "/usr/bin/google-chrome",
  "/usr/bin/chromium-browser",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

/** The page around a frame is made up, so it has no address, and would be kept from a site on this machine. */
const FRAMES_OF_THIS_MACHINE = "--disable-features=LocalNetworkAccessChecks";

/** What is missing, and how to get it. */
interface Missing {
  readonly what: string;
  readonly how: string;
}

interface Launching {
  /** The program, where it is said. */
  readonly executable: string | undefined;
  /** The only hosts that it reaches. */
  readonly hosts: readonly string[];
  /** An address in place of what the first host's name resolves to. */
  readonly address: string | undefined;
}

/** Starts a Chromium, or says what is missing. */
export async function launchChromium(launching: Launching): Promise<Browser | Missing> {
  const chromium = loadPlaywright();
  if (chromium === null)
    return { what: "playwright-core is not installed", how: "npm install --save-dev playwright-core" };
  const executablePath =
    launching.executable ?? ownExecutable(chromium) ?? PATHS.find((path) => existsSync(path));
  if (executablePath === undefined)
    return { what: "no Chromium was found", how: "npx playwright-core install chromium, or --browser PATH" };
  try {
    return await chromium.launch({
      executablePath,
      args: [`--host-resolver-rules=${resolverRules(launching)}`, "--disable-quic", FRAMES_OF_THIS_MACHINE],
      // Pages kept for the back button are looked at too.
      ignoreDefaultArgs: ["--disable-back-forward-cache"],
    });
  } catch (error) {
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    return { what: `${executablePath} did not start: ${reason}`, how: "--browser PATH of another Chromium" };
  }
}

/** Other hosts have no address, whatever a page or a worker of it asks for. */
function resolverRules({ hosts: [first = "", ...others], address }: Launching): string {
  const mapped = address === undefined ? [] : [`MAP ${first} ${address}`];
  const reached = [...(address === undefined ? [first] : [address]), ...others];
  return [...mapped, "MAP * ~NOTFOUND", ...reached.map((host) => `EXCLUDE ${host}`)].join(", ");
}

function loadPlaywright(): BrowserType | null {
  try {
    return (requireOptional("playwright-core") as { readonly chromium: BrowserType }).chromium;
  } catch {
    return null;
  }
}

function ownExecutable(chromium: BrowserType): string | undefined {
  const path = chromium.executablePath();
  return existsSync(path) ? path : undefined;
}
