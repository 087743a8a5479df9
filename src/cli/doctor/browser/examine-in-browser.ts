/** Examines a site in a real browser: signs in by the adopter's script, works as a person does, ends, and goes back. */

import { signInUrlOf } from "../checks/base.js";
import type { Site } from "../site.js";
import { visit } from "../visit.js";
import {
  askInPage,
  checkClient,
  checkFrame,
  checkHeard,
  checkWayBack,
  checkWorker,
  type Examined,
  tellSayings,
} from "./checks.js";
import { tellCookie, tellNoSession } from "./sign-in.js";
import type { Tab } from "./tab.js";

interface InBrowser {
  readonly site: Site;
  readonly tab: Tab;
  readonly base: string;
  readonly name: string;
  readonly pages: readonly string[];
  readonly frames: readonly string[];
  /** Whether the doctor's own browser has signed in, so that this session is its to end. */
  readonly hasSignedIn: boolean;
}

export async function examineInBrowser(options: InBrowser): Promise<void> {
  const { site, tab, base, pages, hasSignedIn } = options;
  const examined: Examined = { site, tab, base, path: pages[0] ?? site.url.pathname };
  const isSignedIn = hasSignedIn && (await hasSession(options, examined));
  await checkClient(examined, isSignedIn);
  if (isSignedIn) await examineSession(options, examined);
  else if (!hasSignedIn)
    site.notSeen(
      "the sign-in, the key, heartbeats and the way back, in a browser",
      "--login SCRIPT that signs in",
    );
  tellSayings(examined);
  for (const origin of tab.kept)
    site.notSeen(`what pages load from ${origin}: only ${site.url.origin} is asked`, `--also ${origin}`);
}

async function hasSession({ site, tab, name }: InBrowser, examined: Examined): Promise<boolean> {
  if (!tab.page.url().startsWith(site.url.origin)) await tab.page.goto(site.url.href).catch(() => null);
  const { status } = await askInPage(examined);
  if (status !== null) return true;
  const before = site.findings.length;
  await tellCookie(tab, site, name);
  if (site.findings.length === before) tellNoSession(tab, site);
  return false;
}

async function examineSession({ site, base, name, frames }: InBrowser, examined: Examined): Promise<void> {
  await checkHeard(examined);
  await checkWorker(examined);
  for (const origin of frames) await checkFrame(examined, origin);
  const signIn = await signInUrlOf(site, base, name);
  await checkWayBack(examined, signIn?.origin === site.url.origin ? signIn.pathname : "/");
  await checkEnded(examined);
}

/** The session is over: its cookie opens nothing any more. */
async function checkEnded({ site, path }: Examined): Promise<void> {
  const { page } = await visit(site, path, site.cookie);
  if (page.status === 200 && page.url.pathname === path)
    site.foundIn("ended-session-passes", page, { got: "200 with the cookie of a session that has ended" });
}
