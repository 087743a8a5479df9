import { readFileSync } from "node:fs";
import { dialog, expect, paced, signIn, statusOf, stayActive, test } from "./fixtures.js";

const BEFORE = new URL("../test/compatibility/curfew-0.3.0/curfew.js", import.meta.url);

test("the client of the release before keeps a session alive, warns and ends on time", async ({
  page,
  openDemo,
}) => {
  const script = readFileSync(BEFORE, "utf8");
  await page.route("**/curfew/curfew.js", (route) =>
    route.fulfill({ contentType: "text/javascript; charset=utf-8", body: script }),
  );
  const demo = await openDemo();
  await signIn(page, demo.url);
  const { expiresAt } = await statusOf(page);
  await stayActive(page, Date.now() + paced(6_000));
  const alive = await statusOf(page);
  expect(alive.status).toBe("active");
  expect(alive.expiresAt).toBeGreaterThan(expiresAt + paced(4_000));
  await expect(dialog(page)).toBeVisible();
  await expect(page.getByTestId("state")).toHaveText(/ended/i);
  const ended = await statusOf(page);
  expect(ended).toMatchObject({ type: "urn:curfew:session-ended", reason: "idle" });
});
