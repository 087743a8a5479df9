/** Answers that are late, lost, overtaken or refused: what is sent again, how often, and that nothing is lost. */
import { dialog, paced, signIn, wait } from "./fixtures.js";
import { expect, expectNobodySignedOut, OFFLINE, onCurfew, stay, test } from "./support/behind.js";
import { move, toldTo, truthOf, watch } from "./support/network.js";

const ROOMY = { CURFEW_IDLE: "75s", CURFEW_WARNING: "25s", CURFEW_HEARTBEAT: "500ms" };

test("30 s of silence: each request gives up after 4 s, the warning is not a second late, and nobody is signed out", async ({
  page,
  openBehind,
}) => {
  const network = await openBehind({ CURFEW_IDLE: "50s", CURFEW_WARNING: "40s", CURFEW_HEARTBEAT: "1s" });
  await signIn(page, network.url);
  await watch(page);
  const { expiresAt } = await truthOf(page, network.demo);
  network.fault = onCurfew({ type: "silence" });
  const silentAt = Date.now();
  await expect.poll(async () => (await toldTo(page)).at(-1)?.status).toBe("warning");
  expect((await toldTo(page)).at(-1)?.at).toBeLessThan(expiresAt - paced(40_000) + paced(2_300));
  const warnedAt = Date.now();
  await expect
    .poll(() => Date.now() - silentAt, { timeout: paced(60_000), intervals: [1_000] })
    .toBeGreaterThan(30_000);
  await expect
    .poll(async () => (await toldTo(page)).at(-1))
    .toMatchObject({ status: "warning", reachable: false });
  // Whoever is slower may ask once more every 4 s.
  const more = Math.max(0, Date.now() - silentAt - 30_000) / 4_000;
  expect(network.since(warnedAt, "/curfew/").length).toBeLessThanOrEqual(8 + more);
  network.fault = () => null;
  await stay(page);
  expect((await truthOf(page, network.demo)).lastActiveAt).toBeGreaterThan(silentAt + 30_000);
  await expectNobodySignedOut(page);
});

for (const [what, answers, isAsked] of [
  ["a lost answer is found out by a question or by the browser's own second copy", [200, 409], true],
  [
    "a lost answer where no question gets through: the next heartbeat is 409, and that is success",
    [200, 409],
    false,
  ],
] as const)
  test(`${what}; the person notices nothing`, async ({ page, openBehind }) => {
    const network = await openBehind(ROOMY);
    await signIn(page, network.url);
    await watch(page);
    let lost = 0;
    network.fault = ({ path }) => {
      if (path === "/curfew/heartbeat") return lost++ === 0 ? { type: "lost-answer" } : null;
      return isAsked ? null : onCurfew({ type: "instead", status: 502 })({ path });
    };
    const startedAt = Date.now();
    await move(page);
    await move(page);
    const beats = () => network.since(startedAt, "/curfew/heartbeat").map(({ answered }) => answered);
    // Where questions get through, the browser's own second copy of the post may find it out before any is asked.
    if (!isAsked)
      await expect
        .poll(async () => (await toldTo(page)).map(({ reachable }) => reachable).slice(0, 3))
        .toEqual([true, false, true]);
    await expect.poll(() => beats()[0]).toBe(200);
    expect(
      beats()
        .slice(0, answers.length)
        .every((status) => status === 200 || status === 409),
    ).toBe(true);
    network.fault = () => null;
    const inputAt = await move(page);
    await expect
      .poll(async () => (await truthOf(page, network.demo)).lastActiveAt)
      .toBeGreaterThanOrEqual(inputAt - paced(200));
    await expect.poll(() => beats().at(-1)).toBe(200);
    expect((await toldTo(page)).filter(({ shown }) => shown !== "")).toEqual([]);
    await expectNobodySignedOut(page);
  });

test("a connection that is reset after the server has acted: the browser's own second copy does no harm", async ({
  page,
  openBehind,
}) => {
  const network = await openBehind(ROOMY);
  await signIn(page, network.url);
  await watch(page);
  let resets = 0;
  network.fault = ({ path }) => (path === "/curfew/heartbeat" && resets++ === 0 ? { type: "reset" } : null);
  const startedAt = Date.now();
  await move(page);
  const inputAt = await move(page);
  // A slow machine may tell of the second movement by a heartbeat of its own.
  await expect
    .poll(() =>
      network
        .since(startedAt, "/curfew/heartbeat")
        .slice(0, 2)
        .map(({ answered }) => answered),
    )
    .toEqual([200, 409]);
  await expect
    .poll(async () => (await truthOf(page, network.demo)).lastActiveAt)
    .toBeGreaterThanOrEqual(inputAt - paced(200));
  expect((await toldTo(page)).at(-1)).toMatchObject({ status: "active" });
  await expectNobodySignedOut(page);
});

test("a slow answer that a newer one has overtaken changes nothing", async ({ page, openBehind }) => {
  const network = await openBehind(ROOMY);
  await signIn(page, network.url);
  await watch(page);
  network.fault = ({ path }) =>
    path.startsWith("/curfew/session") ? { type: "slow-answer", delay: 2_000 } : null;
  const startedAt = Date.now();
  const refreshing = page.evaluate(() => Reflect.get(globalThis, "Curfew").session.refresh());
  await expect.poll(() => network.since(startedAt, "/curfew/session")[0]?.answered).toBe(200);
  await move(page);
  await move(page);
  const deadline = page.getByTestId("idle-deadline");
  await expect
    .poll(async () => Number(await deadline.getAttribute("data-ms")))
    .toBeGreaterThan(startedAt + paced(60_000));
  const shown = async () => Number(await deadline.getAttribute("data-ms"));
  // The second movement may be reported meanwhile: what is shown only ever goes on.
  const newer = await shown();
  await refreshing;
  expect(await shown()).toBeGreaterThanOrEqual(newer);
  await expect.poll(async () => (await truthOf(page, network.demo)).idleExpiresAt - (await shown())).toBe(0);
  const inputAt = await move(page);
  await expect
    .poll(async () => (await truthOf(page, network.demo)).lastActiveAt)
    .toBeGreaterThanOrEqual(inputAt - paced(200));
  expect(network.since(startedAt, "/curfew/heartbeat").map(({ answered }) => answered)).not.toContain(409);
});

/** As long on every machine: so is what `Retry-After` asks for, in whole seconds, and the warning comes before that. */
const unpaced = (period: number) => `${(period * period) / paced(period)}ms`;

for (const [what, status, type, reachable] of [
  ["503 unavailable", 503, "unavailable", false],
  ["429 too-many", 429, "too-many", true],
] as const)
  test(`Retry-After of ${what} is kept, and the person is told ${reachable ? "nothing" : "what is wrong"}`, async ({
    page,
    openBehind,
  }) => {
    const network = await openBehind({
      CURFEW_IDLE: unpaced(75_000),
      CURFEW_WARNING: unpaced(70_000),
      CURFEW_HEARTBEAT: unpaced(900),
    });
    await signIn(page, network.url);
    await watch(page);
    network.fault = onCurfew({
      type: "instead",
      status,
      headers: { "content-type": "application/problem+json", "retry-after": "3" },
      body: JSON.stringify({ type: `urn:curfew:${type}`, title: type, status }),
    });
    const startedAt = Date.now();
    await move(page);
    await move(page);
    await expect(dialog(page)).toBeVisible();
    const warnedAt = Date.now();
    await expect.poll(() => network.since(warnedAt, "/curfew/session").length).toBeGreaterThan(1);
    const last = async () => (await toldTo(page)).at(-1);
    await expect.poll(last).toMatchObject({ status: "warning", reachable });
    await expect.poll(async () => OFFLINE.test((await last())?.shown ?? "")).toBe(!reachable);
    const gaps = (path: string) => {
      const times = network.since(startedAt, path).map(({ at }) => at);
      return times.slice(1).map((at, index) => at - (times[index] ?? 0));
    };
    for (const gap of gaps("/curfew/session").slice(1)) expect(gap).toBeGreaterThan(2_900);
    // One for the input, one before the warning, and what Retry-After allows.
    const allowed = 2 + Math.floor((Date.now() - startedAt) / 3_000);
    expect(network.since(startedAt, "/curfew/heartbeat").length).toBeLessThanOrEqual(allowed);
    await expectNobodySignedOut(page);
  });

test("retries back off: an outage of 8 s costs a tab a handful of requests", async ({ page, openBehind }) => {
  const network = await openBehind(ROOMY);
  await signIn(page, network.url);
  await watch(page);
  network.fault = onCurfew({ type: "instead", status: 502 });
  const startedAt = Date.now();
  const since = (path: string) => network.since(startedAt, path).map(({ at }) => at);
  while (since("/curfew/heartbeat").length < 5) {
    await move(page);
    await wait(150);
  }
  const beats = since("/curfew/heartbeat");
  // Five attempts take 8 s and more; whoever is slower may ask once more every 4 s.
  const more = Math.max(0, Date.now() - startedAt - 8_000) / 4_000;
  expect(since("/curfew/session").length).toBeLessThanOrEqual(6 + more);
  const waits = beats.slice(1).map((at, index) => at - (beats[index] ?? 0));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(480);
  expect(waits.at(-1)).toBeGreaterThan(1_900);
  await expectNobodySignedOut(page);
});
