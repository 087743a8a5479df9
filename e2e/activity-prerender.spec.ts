import { expect, paced, type Status, wait } from "./fixtures.js";
import { ROOMY, test } from "./support/activity-app.js";
import { type BareBrowser, openBareBrowser, type Send } from "./support/bare-browser.js";

// Firefox prerenders nothing.
const TAG = { tag: "@chromium" };

const BEFORE = `<!doctype html><title>Before</title><a id="link" href="/" style="position: fixed; left: 20px; top: 20px">on</a>
  <input id="field" style="position: fixed; left: 20px; top: 80px">
  <script type="speculationrules">{ "prerender": [{ "source": "list", "urls": ["/"], "eagerness": "immediate" }] }</script>`;

const PRERENDERED = `<input type="checkbox" id="box"><input id="text"><script>
  if (document.prerendering) {
    document.addEventListener("prerenderingchange", () => fetch("/activated"));
    setInterval(() => {
      if (!document.prerendering) return;
      box.click(); text.focus(); document.execCommand("insertText", false, "x");
      fetch("/prerendering");
    }, 100);
  }
</script>`;

const move = (send: Send, x: number, y: number) =>
  send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });

function pageOf({ pages }: BareBrowser, index: number): Send {
  const page = pages[index];
  if (page === undefined) throw new Error(`there are ${pages.length} pages`);
  return page;
}

async function click(send: Send, x: number, y: number): Promise<void> {
  await move(send, x, y);
  for (const type of ["mousePressed", "mouseReleased"])
    await send("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 });
}

test(
  "a prerendered page counts nothing and sends no heartbeat, and counts once it is shown",
  TAG,
  async ({ openApp }, info) => {
    const app = await openApp({ policy: ROOMY, body: PRERENDERED, pages: { "/before": BEFORE } });
    const browser = await openBareBrowser(info.outputPath("profile"));
    const statusNow = async () => {
      const headers = { cookie: await browser.cookies(app.url) };
      return (await (await fetch(`${app.url}/curfew/session`, { headers })).json()) as Status;
    };
    try {
      await expect.poll(() => browser.pages.length).toBe(1);
      const before = pageOf(browser, 0);
      await before("Page.navigate", { url: `${app.url}/start` });
      await expect.poll(async () => (await statusNow()).key ?? null).not.toBeNull();
      await before("Page.navigate", { url: `${app.url}/before` });
      await expect.poll(() => app.calls).toContain("GET /prerendering");
      const [{ lastActiveAt }, start] = [await statusNow(), app.calls.length];
      await click(before, 40, 90);
      for (const text of "words") await before("Input.dispatchKeyEvent", { type: "char", text });
      await wait(paced(1_500));
      expect((await statusNow()).lastActiveAt).toBe(lastActiveAt);
      expect(app.calls.slice(start).filter((call) => call.startsWith("POST"))).toEqual([]);
      expect(app.calls).not.toContain("GET /activated");

      await click(before, 25, 25);
      await expect.poll(() => app.calls).toContain("GET /activated");
      const shown = pageOf(browser, 1);
      await move(shown, 300, 300);
      await wait(paced(600));
      const movedAt = Date.now();
      await move(shown, 310, 300);
      await expect.poll(async () => (await statusNow()).lastActiveAt).toBeGreaterThan(movedAt - paced(200));
    } finally {
      await browser.close();
    }
  },
);
