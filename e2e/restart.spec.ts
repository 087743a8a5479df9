import { expect, signIn, statusOf, test } from "./fixtures.js";

const LONG = { CURFEW_IDLE: "60s", CURFEW_WARNING: "20s", CURFEW_HEARTBEAT: "1s" };

test("a session and its end survive kill -9 of the server, and the open page goes on", async ({
  page,
  openDemo,
}, info) => {
  const settings = { ...LONG, CURFEW_STORE: `sqlite:${info.outputPath("sessions.db")}` };
  const demo = await openDemo(settings);
  await signIn(page, demo.url);
  const before = await statusOf(page);
  await demo.restart("SIGKILL");
  expect(await statusOf(page)).toMatchObject({ status: "active", sid: before.sid, key: before.key });
  await page.mouse.move(200, 200);
  await page.mouse.move(260, 220);
  const movedAt = Date.now();
  await expect.poll(async () => (await statusOf(page)).lastActiveAt).toBeGreaterThan(movedAt - 2_000);
  await expect(page.getByTestId("state")).toHaveText("active");

  const cookies = await page.context().cookies();
  await page.getByTestId("sign-out").click();
  await page.waitForURL(/\/login/);
  await demo.restart("SIGKILL");
  await page.context().addCookies(cookies);
  expect(await statusOf(page)).toMatchObject({ type: "urn:curfew:session-ended", reason: "signed-out" });
});
