import { paced, wait } from "../fixtures.js";
import { dialogText, expect, ROOMY, shownAs, signIn, statusOf, test } from "./fixtures.js";

test("activity in one tab keeps the other without a warning", async ({ webkit, openDemo }) => {
  const { url } = await openDemo({ ...ROOMY, CURFEW_IDLE: "6s", CURFEW_WARNING: "2s" });
  await signIn(webkit, url);
  const quiet = await webkit.currentTab();
  await webkit.run(`
    new MutationObserver(() => {
      const text = document.querySelector("[data-testid=state]").textContent;
      document.documentElement.dataset.states = (document.documentElement.dataset.states ?? "") + " " + text;
    }).observe(document.querySelector("[data-testid=state]"), { childList: true, characterData: true, subtree: true });`);
  await webkit.openTab();
  await webkit.goto(url);
  await webkit.click(await webkit.find("[data-testid=note-1]"));
  const until = Date.now() + paced(9_000);
  while (Date.now() < until) {
    await webkit.press("a");
    await wait(paced(250));
  }
  await webkit.switchTo(quiet);
  expect(await webkit.run("return document.documentElement.dataset.states ?? '';")).not.toContain("warning");
  expect(await shownAs(webkit, "state")).toBe("active");
  expect((await statusOf(webkit, url)).status).toBe("active");
});

test("a sign-out in one tab ends the other", async ({ webkit, openDemo }) => {
  const { url } = await openDemo({ ...ROOMY, CURFEW_IDLE: "75s", CURFEW_WARNING: "25s" });
  await signIn(webkit, url);
  const first = await webkit.currentTab();
  await webkit.openTab();
  await webkit.goto(url);
  await expect.poll(() => shownAs(webkit, "state")).toBe("active");
  await webkit.click(await webkit.find("[data-testid=sign-out]"));
  await webkit.switchTo(first);
  await expect.poll(() => dialogText(webkit)).toMatch(/signed (you )?out/i);
});
