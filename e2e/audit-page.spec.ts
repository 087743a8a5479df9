import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "./fixtures.js";

/** What is checked is the same code in every engine. */
const CHROMIUM = { tag: "@chromium" };

test(
  "the page of the trail checks the log and one session's proof in this browser, and refuses a proof that was tampered with",
  CHROMIUM,
  async ({ page, openSignedIn }) => {
    const demo = await openSignedIn({ CURFEW_IDLE: "75s", CURFEW_WARNING: "25s" });
    await page.getByTestId("sign-out").click();
    await page.waitForURL(/\/login/);
    await page.goto(`${demo.url}/audit`);
    await expect(page.getByTestId("log-verdict")).toHaveText(/^Whole: /);
    await expect(page.getByTestId("log-anchored")).toHaveText(/^[1-9]\d*$/);
    // By the keyboard alone.
    await page.getByTestId("proof-show").press("Enter");
    await expect(page.getByTestId("proof-text")).toHaveValue(/curfew-session-proof@v1/);
    await page.getByTestId("proof-check").press("Space");
    await expect(page.getByTestId("proof-verdict")).toHaveText(
      /^Proven: \d+ records are in the log .* \(signed-out\), as its policy says/,
    );

    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByTestId("proof-download").press("Enter"),
    ]);
    const text = readFileSync(await download.path(), "utf8");
    const file = (content: string) => ({
      name: "session.json",
      mimeType: "application/json",
      buffer: Buffer.from(content),
    });
    await page.getByTestId("proof-file").setInputFiles(file(text));
    await expect(page.getByTestId("proof-verdict")).toHaveText(/^Proven: /);
    const tampered = text.replace('\\"reason\\":\\"signed-out\\"', '\\"reason\\":\\"signed-in!\\"');
    expect(tampered).not.toBe(text);
    await page.getByTestId("proof-file").setInputFiles(file(tampered));
    await expect(page.getByTestId("proof-verdict")).toHaveText(
      /^Refused: the record is not number \d+ of the \d+ records that were signed/,
    );

    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
  },
);
