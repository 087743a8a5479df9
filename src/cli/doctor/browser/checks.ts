/** What only a browser shows: the client at work, the session's cookie, workers, frames, and the way back after the end. */
import type { Response } from "playwright-core";
import { ParseError } from "../../../protocol/parse-error.js";
import { type ActiveStatus, parseSessionStatus } from "../../../protocol/session-status.js";
import { randomText } from "../../../server/platform/secrets.js";
import type { Site } from "../site.js";
import type { Tab } from "./tab.js";

export interface Examined {
  readonly tab: Tab;
  readonly site: Site;
  readonly base: string;
  /** The page that is opened; guarded, where somebody is signed in. */
  readonly path: string;
}

/** Asks the verifier from the page's own origin, as the client does: a worker of the page's may answer. */
export async function askInPage({
  tab,
  base,
}: Examined): Promise<{ readonly asked: boolean; readonly status: ActiveStatus | null }> {
  const ask = randomText(9);
  const path = JSON.stringify(`${base}/session?ask=${ask}`);
  const answer: unknown = await tab.page
    .evaluate(`fetch(${path}, { cache: "no-store", credentials: "include" }).then((answer) => answer.json())`)
    .catch(() => null);
  const { asked } = Object(answer) as { readonly asked?: unknown };
  return { asked: asked === ask, status: statusIn(answer) };
}

function statusIn(answer: unknown): ActiveStatus | null {
  try {
    const status = parseSessionStatus(answer);
    return status.status === "active" ? status : null;
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}

/** Whether the page loads a client, and whether the page's policy lets it. */
export async function checkClient(examined: Examined, isSignedIn: boolean): Promise<void> {
  const { tab, site, base, path } = examined;
  const before = tab.responses.length;
  await tab.page.goto(new URL(path, site.url).href).catch(() => null);
  const question = await tab.response(isCall("GET", `${base}/session`), before);
  for (const said of tab.violations.filter((text) => text.includes(base)))
    site.found("csp-blocks", { asked: `${path} in a browser`, got: shortened(said) });
  if (question !== null || tab.sayings.length > 0 || tab.violations.length > 0) return;
  if (isSignedIn)
    site.found("client-silent", {
      asked: `${path} in a browser`,
      got: `no GET ${base}/session from the page`,
    });
  else
    site.notSeen(
      `whether pages load the client: ${path} did not, to a browser that is not signed in`,
      "--login SCRIPT",
    );
}

const isCall =
  (method: string, path: string) =>
  (response: Response): boolean =>
    response.request().method() === method && new URL(response.url()).pathname === path;

const shortened = (text: string): string => text.split("\n")[0]?.slice(0, 200) ?? "";

/** What the client itself has told the console. */
export function tellSayings({ tab, site, path }: Examined): void {
  // Of calls that a policy forbids the client says what is told already.
  const sayings =
    tab.violations.length > 0 ? tab.sayings.filter((said) => !/^(?:GET|POST) /.test(said)) : tab.sayings;
  for (const saying of sayings)
    site.found("client-says", { asked: `${path} in a browser`, got: shortened(saying) });
}

/** A person at the page: the key is bound, and a movement of the hand is heard. */
export async function checkHeard(examined: Examined): Promise<void> {
  const { tab, site, base, path } = examined;
  const { status } = await askInPage(examined);
  if (status?.policy.automated === "refuse")
    return site.notSeen(
      "whether people are heard: the policy refuses automated browsers",
      "sign in by hand, and look at POST heartbeat",
    );
  const bound = status?.key !== null || (await tab.response(isOk("POST", `${base}/key`))) !== null;
  if (!bound)
    return site.found("key-not-bound", {
      asked: `${path} in a browser, signed in`,
      got: `no POST ${base}/key that was taken`,
    });
  const heard = tab.response(isOk("POST", `${base}/heartbeat`));
  await tab.page.mouse.move(80, 80);
  await tab.page.mouse.move(120, 160, { steps: 5 });
  await tab.page.keyboard.press("Shift");
  if ((await heard) === null)
    site.found("heartbeat-lost", {
      asked: `a moving hand on ${path} in a browser`,
      got: `no POST ${base}/heartbeat that was taken`,
    });
}

const isOk = (method: string, path: string) => (response: Response) =>
  response.ok() && isCall(method, path)(response);

/** What a service worker keeps and answers. */
export async function checkWorker(examined: Examined): Promise<void> {
  const { tab, site, base, path } = examined;
  const page = new URL(path, site.url);
  // The first load installs a worker, the next one is its.
  await tab.page.goto(page.href).catch(() => null);
  const { asked, status } = await askInPage(examined);
  if (status !== null && !asked)
    site.found("answer-cached", {
      asked: `GET ${page.origin}${base}/session in a browser`,
      got: "an answer to another question, from a worker",
    });
  const kept = (await tab.page.evaluate(KEPT_PATHS).catch(() => [])) as readonly string[];
  const told = kept.filter((one) => one === page.pathname || one === `${base}/session`);
  for (const one of new Set(told))
    site.found("worker-keeps-pages", {
      asked: `the cache of ${page.origin} in a browser`,
      got: `${one}, kept`,
    });
}

/** The paths of all that the origin's caches keep. */
const KEPT_PATHS = `(async () => {
  if (!("caches" in globalThis)) return [];
  const found = [];
  for (const name of await caches.keys())
    for (const { url } of await (await caches.open(name)).keys()) found.push(new URL(url).pathname);
  return found;
})()`;

/** The page in a frame of another one: whether its session goes with it. That page is made here, nobody is asked for it. */
export async function checkFrame(examined: Examined, origin: string): Promise<void> {
  const { tab, site, base, path } = examined;
  const framed = new URL(path, site.url).href;
  const page = await tab.context.newPage();
  try {
    const body = `<!doctype html><iframe src="${framed.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}"></iframe>`;
    await page.route(`${origin}/`, (route) => route.fulfill({ contentType: "text/html", body }));
    await page.goto(`${origin}/`);
    const [frame] = page.mainFrame().childFrames();
    if (frame === undefined || !frame.url().startsWith(site.url.origin))
      return site.notSeen(
        `${path} in a frame of ${origin}: it refuses to be framed`,
        "leave it so, or say frame-ancestors",
      );
    const script = `fetch(${JSON.stringify(`${base}/session`)}).then((answer) => answer.json())`;
    if (statusIn(await frame.evaluate(script).catch(() => null)) === null)
      site.found("framed-by-another-site", {
        asked: `${site.url.origin} in a frame of ${origin}`,
        got: "no session in the frame, in a browser",
      });
  } finally {
    await page.close();
  }
}

/** So often the page is looked at, and so many milliseconds apart: it may take 3 s to be covered. */
const LOOKS = 30;
const LOOK_PERIOD = 100;

/** Ends the session, which the doctor itself has begun, and goes back to the page. */
export async function checkWayBack(examined: Examined, signIn: string): Promise<void> {
  const { tab, site, base, path } = examined;
  const { page } = tab;
  const target = new URL(path, site.url).href;
  await page.goto(target);
  const { status } = await askInPage(examined);
  const shown = await visibleText(examined);
  const { pathname } = new URL(page.url());
  if (status === null || shown === "" || pathname !== new URL(target).pathname) return;
  await page.evaluate(endOf(base, status.sid));
  await page.goto(new URL(signIn, site.url).href).catch(() => null);
  await page.goBack({ waitUntil: "domcontentloaded" }).catch(() => null);
  if (await staysInSight(examined, shown, pathname))
    site.found("revived-by-back", {
      asked: `back to ${path} after the end, in a browser`,
      got: "the page, readable",
    });
}

const endOf = (base: string, sid: string): string => {
  const init = `{ method: "POST", headers: { "content-type": "application/json" }, body: ${JSON.stringify(JSON.stringify({ sid }))} }`;
  return `fetch(${JSON.stringify(`${base}/end`)}, ${init}).then(({ status }) => status)`;
};

/** Hidden text does not count: that is what covers a page. */
const visibleText = ({ tab }: Examined): Promise<string> =>
  tab.page
    .locator("body")
    .innerText()
    .then((text) => text.trim())
    .catch(() => "");

async function staysInSight(examined: Examined, shown: string, path: string): Promise<boolean> {
  const lines = shown.split("\n").filter((line) => line.trim() !== "");
  for (let look = 0; look < LOOKS; look++) {
    if (new URL(examined.tab.page.url()).pathname !== path) return false;
    const now = await visibleText(examined);
    // A page that lives changes some of its lines.
    if (lines.filter((line) => now.includes(line)).length < lines.length / 2) return false;
    await examined.tab.page.waitForTimeout(LOOK_PERIOD);
  }
  return true;
}
