import { expect, paced, wait } from "./fixtures.js";
import { enter, heardOf, ROOMY, test } from "./support/activity-app.js";

const FIELD = '<input id="field" style="position: fixed; left: 0; top: 0; width: 200px; height: 40px">';
const button = (script: string) => `<button id="go" onclick='${script}'>go</button>`;

const WINDOWS: Readonly<Record<string, string>> = {
  "filled by its DOM": `const view = open("", "chart", "width=400,height=300"); view.document.body.innerHTML = document.querySelector("template").innerHTML`,
  "filled by document.write":
    'const view = open("about:blank", "chart", "width=400,height=300"); view.document.write(document.querySelector("template").innerHTML); view.document.close()',
  "filled by document.write later": `const view = open("", "chart", "width=400,height=300"); setTimeout(() => { view.document.open(); view.document.write(document.querySelector("template").innerHTML); view.document.close(); }, 500)`,
  "shown from a blob": `open(window.URL.createObjectURL(new Blob([document.querySelector("template").innerHTML], { type: "text/html" })), "chart", "width=400,height=300")`,
};

for (const [name, script] of Object.entries(WINDOWS)) {
  test(`typing in a window that the page has opened counts: ${name}`, async ({ page, openApp }) => {
    const app = await openApp({ policy: ROOMY, body: `${button(script)}<template>${FIELD}</template>` });
    await enter(page, app);
    const opening = page.waitForEvent("popup");
    await page.click("#go");
    const popup = await opening;
    await popup.locator("#field").click();
    await wait(paced(1_000));
    const at = Date.now();
    await popup.keyboard.press("a");
    await heardOf(page, at);
  });
}

test("typing in a window of documentPictureInPicture counts", { tag: "@chromium" }, async ({
  page,
  openApp,
}) => {
  const script = `documentPictureInPicture.requestWindow({ width: 300, height: 200 }).then((view) => { view.document.body.innerHTML = document.querySelector("template").innerHTML })`;
  const app = await openApp({ policy: ROOMY, body: `${button(script)}<template>${FIELD}</template>` });
  await enter(page, app);
  // Its own method needs a page that is secure, which 127.0.0.1 is.
  expect(await page.evaluate("'documentPictureInPicture' in window")).toBe(true);
  const opening = page.context().waitForEvent("page");
  await page.click("#go");
  const view = await opening;
  await view.locator("#field").click();
  await wait(paced(1_000));
  const at = Date.now();
  await view.keyboard.press("a");
  await heardOf(page, at);
});

test("typing counts after the page has written itself anew", async ({ page, openApp }) => {
  const script = `document.open(); document.write("<!doctype html><title>Next</title>" + String.raw\`${FIELD}\`); document.close()`;
  const app = await openApp({
    policy: ROOMY,
    body: `<script>function rewrite() { ${script} }</script>${button("rewrite()")}`,
  });
  await enter(page, app);
  await page.click("#go");
  await page.locator("#field").click();
  await wait(paced(1_000));
  const at = Date.now();
  await page.keyboard.press("a");
  await heardOf(page, at);
});
