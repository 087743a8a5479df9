import { startRedis } from "../test/stores/support/redis-server.js";
import { dialog, expect, paced, signIn, statusOf, test } from "./fixtures.js";

const LONG = { CURFEW_IDLE: "75s", CURFEW_WARNING: "25s", CURFEW_HEARTBEAT: "1s" };

test("a session and its end survive kill -9 of the server, and the open page goes on", async ({
  page,
  startDemo,
}, info) => {
  const settings = { ...LONG, CURFEW_STORE: `sqlite:${info.outputPath("sessions.db")}` };
  const demo = await startDemo(settings);
  await signIn(page, demo.url);
  const before = await statusOf(page);
  await demo.restart("SIGKILL");
  expect(await statusOf(page)).toMatchObject({ status: "active", sid: before.sid, key: before.key });
  await page.mouse.move(200, 200);
  await page.mouse.move(260, 220);
  const movedAt = Date.now();
  await expect.poll(async () => (await statusOf(page)).lastActiveAt).toBeGreaterThan(movedAt - paced(2_000));
  await expect(page.getByTestId("state")).toHaveText("active");

  const cookies = await page.context().cookies();
  await page.getByTestId("sign-out").click();
  await page.waitForURL(/\/login/);
  await demo.restart("SIGKILL");
  await page.context().addCookies(cookies);
  expect(await statusOf(page)).toMatchObject({ type: "urn:curfew:session-ended", reason: "signed-out" });
});

test("the demo on Redis keeps its sessions through kill -9, and covers nothing while Redis is away", async ({
  page,
  startDemo,
}) => {
  const redis = await startRedis("--appendonly", "yes", "--appendfsync", "always");
  try {
    const demo = await startDemo({ ...LONG, CURFEW_STORE: redis.url });
    await signIn(page, demo.url);
    const before = await statusOf(page);
    await demo.restart("SIGKILL");
    expect(await statusOf(page)).toMatchObject({ status: "active", sid: before.sid, key: before.key });
    await redis.kill();
    expect(await statusOf(page)).toMatchObject({ type: "urn:curfew:unavailable", status: 503 });
    await expect(page.getByTestId("state")).toHaveText("active");
    await expect(dialog(page)).toBeHidden();
    await redis.restart();
    await expect.poll(async () => (await statusOf(page)).status).toBe("active");
    await page.mouse.move(200, 200);
    await page.mouse.move(260, 220);
    await expect.poll(async () => (await statusOf(page)).lastActiveAt).toBeGreaterThan(before.lastActiveAt);
  } finally {
    await redis.stop();
  }
});
