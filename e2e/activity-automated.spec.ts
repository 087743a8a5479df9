import { expect, paced, statusOf, wait } from "./fixtures.js";
import { enter, QUICK, ROOMY, test } from "./support/activity-app.js";

test("an automated browser is marked in the audit trail, and its session goes on", async ({
  page,
  openApp,
}) => {
  const app = await openApp({ policy: ROOMY });
  await enter(page, app);
  await page.mouse.move(300, 300);
  await page.mouse.move(310, 300);
  await expect
    .poll(() => app.audit)
    .toContainEqual(expect.objectContaining({ type: "session_renewed", automated: true }));
});

test("an automated browser that the policy refuses extends nothing, is told so in time, and does not knock twice", async ({
  page,
  openApp,
}) => {
  const app = await openApp({
    policy: { ...QUICK, warning: "2s", automated: "refuse" },
    body: `<script>
    addEventListener("DOMContentLoaded", () => {
      Curfew.session.on("error", ({ code, message }) => fetch("/error/" + code));
      Curfew.session.on("warning", ({ state }) => fetch("/warning/" + state.canExtend));
    });
  </script>`,
  });
  const { lastActiveAt } = await enter(page, app);
  let moves = 0;
  await expect
    .poll(
      async () => {
        await page.mouse.move(300 + (moves++ % 50), 300);
        return statusOf(page);
      },
      { intervals: [50] },
    )
    .toMatchObject({ reason: "idle", endedAt: lastActiveAt + paced(4_000) });
  expect(moves).toBeGreaterThan(2);
  expect(app.calls).toContain("GET /warning/false");
  expect(app.calls.filter((call) => call === "GET /error/bad-heartbeat")).toHaveLength(1);
  expect(app.calls.filter((call) => call === "POST /curfew/heartbeat")).toHaveLength(1);
  expect(app.audit).toContainEqual(expect.objectContaining({ type: "heartbeat_refused", code: "automated" }));
});

test("a browser that hides that it is automated looks like a person's, as the documents say", async ({
  page,
  openApp,
}) => {
  const app = await openApp({ policy: { ...ROOMY, automated: "refuse" } });
  await page.addInitScript(() => Object.defineProperty(navigator, "webdriver", { value: false }));
  const { lastActiveAt } = await enter(page, app);
  await wait(paced(300));
  await page.mouse.move(300, 300);
  await page.mouse.move(310, 300);
  await expect.poll(async () => (await statusOf(page)).lastActiveAt).toBeGreaterThan(lastActiveAt);
});
