/** A bad network never signs anybody out: offline, errors and portals, and what the person is told meanwhile. */
import { warnAtOf } from "../src/session/machine.js";
import { dialog, paced, signIn } from "./fixtures.js";
import { expect, expectNobodySignedOut, OFFLINE, onCurfew, press, stay, test } from "./support/behind.js";
import { type Fault, move, toldTo, truthOf, watch } from "./support/network.js";

/** 3 s until the warning, 5 s of it; a heartbeat a second. */
const LIMITS = { CURFEW_IDLE: "8s", CURFEW_WARNING: "5s", CURFEW_HEARTBEAT: "1s" };

test("offline across the warning: the person is warned in time, reads why, and goes on once the network is back", async ({
  context,
  page,
  openBehind,
}) => {
  const network = await openBehind(LIMITS);
  await signIn(page, network.url);
  await watch(page);
  await move(page);
  await move(page);
  await expect
    .poll(async () => (await truthOf(page, network.demo)).lastActiveAt)
    .toBeGreaterThan(Date.now() - paced(1_000));
  const { expiresAt } = await truthOf(page, network.demo);
  await context.setOffline(true);
  await expect(dialog(page)).toBeVisible();
  await expect(dialog(page)).toContainText(OFFLINE);
  const warned = (await toldTo(page)).find(({ status }) => status === "warning");
  const warnAt = warnAtOf({ expiresAt, warningPeriod: paced(5_000) });
  expect(warned?.at).toBeGreaterThanOrEqual(warnAt - paced(100));
  expect(warned?.at).toBeLessThan(expiresAt - paced(5_000) + paced(600));
  await context.setOffline(false);
  await expect(dialog(page)).not.toContainText(OFFLINE);
  await stay(page);
  const after = await truthOf(page, network.demo);
  expect(after.expiresAt).toBeGreaterThan(expiresAt + paced(2_000));
  await expect(page.getByTestId("idle-deadline")).toHaveAttribute("data-ms", String(after.idleExpiresAt));
  await expectNobodySignedOut(page);
});

test("offline over the deadline: the page is covered and says that it cannot know; the end comes from the server", async ({
  context,
  page,
  openBehind,
}) => {
  const network = await openBehind({ ...LIMITS, CURFEW_IDLE: "5s", CURFEW_WARNING: "2s" });
  await signIn(page, network.url);
  await watch(page);
  await context.setOffline(true);
  await expect(dialog(page)).toContainText("cannot check whether you are signed in");
  await expect(page.getByTestId("note-1")).not.toBeVisible();
  await expectNobodySignedOut(page);
  const { endedAt } = await truthOf(page, network.demo);
  await context.setOffline(false);
  await expect(dialog(page)).toContainText(/we signed you out/i);
  expect(endedAt).toBeLessThanOrEqual(Date.now());
});

test("an extension whose answer is lost: covered at the old deadline, uncovered by the server's word", async ({
  page,
  openBehind,
}) => {
  const network = await openBehind({ ...LIMITS, CURFEW_IDLE: "6s", CURFEW_WARNING: "3s" });
  await signIn(page, network.url);
  await watch(page);
  const before = await truthOf(page, network.demo);
  await expect(dialog(page)).toBeVisible();
  let lost = false;
  network.fault = ({ path }) => {
    const isFirst = path === "/curfew/heartbeat" && !lost;
    lost ||= isFirst;
    return isFirst ? { type: "lost-answer" } : onCurfew({ type: "instead", status: 500 })({ path });
  };
  await expect(async () => {
    await page.getByRole("button", { name: "Stay signed in" }).click();
    expect(lost).toBe(true);
  }).toPass();
  await expect(dialog(page)).toContainText("cannot check whether you are signed in");
  await expect(page.getByTestId("note-1")).not.toBeVisible();
  expect((await truthOf(page, network.demo)).expiresAt).toBeGreaterThan(before.expiresAt + paced(2_000));
  network.fault = () => null;
  await press(page, "Check again");
  await expect(page.getByTestId("note-1")).toBeVisible();
  expect((await truthOf(page, network.demo)).status).toBe("active");
  await expectNobodySignedOut(page);
});

const FAULTS: readonly (readonly [string, Fault])[] = [
  ["a 500", { type: "instead", status: 500, body: "oops" }],
  ["a proxy's 502 in JSON", { type: "instead", status: 502, body: '{"status":"none"}' }],
  [
    "a load balancer's 503",
    { type: "instead", status: 503, body: "<html>", headers: { "retry-after": "1" } },
  ],
  [
    "a captive portal's page with 200",
    { type: "instead", status: 200, body: "<html>Welcome to the airport" },
  ],
  ["a redirect to a portal", { type: "instead", status: 302, headers: { location: "/login" } }],
  [
    "a redirect to a portal elsewhere",
    { type: "instead", status: 307, headers: { location: "http://localhost:9/" } },
  ],
  ["a proxy's own 401", { type: "instead", status: 401, body: "<html>Sign in to the proxy" }],
  ["an empty 204", { type: "instead", status: 204 }],
];

for (const [what, fault] of FAULTS)
  test(`${what} in place of every answer ends nothing, and input meanwhile counts once the server answers`, async ({
    page,
    openBehind,
  }) => {
    const network = await openBehind({ ...LIMITS, CURFEW_IDLE: "13s", CURFEW_WARNING: "10s" });
    await signIn(page, network.url);
    await watch(page);
    network.fault = onCurfew(fault);
    const inputAt = await move(page);
    await move(page);
    await expect.poll(async () => (await toldTo(page)).at(-1)?.reachable).toBe(false);
    await expect(dialog(page)).toContainText(OFFLINE);
    expect((await truthOf(page, network.demo)).status).toBe("active");
    await expectNobodySignedOut(page);
    network.fault = () => null;
    await expect
      .poll(async () => (await truthOf(page, network.demo)).lastActiveAt)
      .toBeGreaterThanOrEqual(inputAt - paced(200));
    await expect(dialog(page)).not.toContainText(OFFLINE);
    await stay(page);
    await expectNobodySignedOut(page);
  });
