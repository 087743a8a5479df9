import type { PolicyOptions } from "../src/server/policy/policy.types.js";
import { expect, paced, statusOf, wait } from "./fixtures.js";
import { countsIn, enter, QUICK, test } from "./support/activity-app.js";

/** Half a minute of silence, as a page can make it. */
const PLAYER = `<audio id="player" loop></audio><script>
  const rate = 8000, samples = rate * 30, sound = new DataView(new ArrayBuffer(44 + samples));
  const write = (at, text) => [...text].forEach((letter, index) => sound.setUint8(at + index, letter.charCodeAt(0)));
  write(0, "RIFF"); sound.setUint32(4, 36 + samples, true); write(8, "WAVEfmt "); sound.setUint32(16, 16, true);
  sound.setUint16(20, 1, true); sound.setUint16(22, 1, true); sound.setUint32(24, rate, true); sound.setUint32(28, rate, true);
  sound.setUint16(32, 1, true); sound.setUint16(34, 8, true); write(36, "data"); sound.setUint32(40, samples, true);
  new Uint8Array(sound.buffer, 44).fill(128);
  player.src = URL.createObjectURL(new Blob([sound], { type: "audio/wav" }));
  player.ontimeupdate = () => fetch("/playing");
  onpointerup = () => player.play();
</script>`;

const withMedia = (media: string): PolicyOptions => ({ ...QUICK, media });

test("playing media is no activity where the policy does not say so", async ({ page, openApp }) => {
  const app = await openApp({ policy: QUICK, body: PLAYER });
  await enter(page, app);
  await page.mouse.click(300, 300);
  const pressedAt = Date.now();
  await expect.poll(() => statusOf(page)).toMatchObject({ reason: "idle" });
  expect((await statusOf(page)).endedAt).toBeLessThanOrEqual(pressedAt + paced(4_100));
  expect(app.calls.filter((call) => call === "GET /playing").length).toBeGreaterThan(0);
});

test("playing media keeps a session for as long after the last input as the policy says, and no longer", async ({
  page,
  openApp,
}) => {
  const app = await openApp({ policy: withMedia("5s"), body: PLAYER });
  await enter(page, app);
  await page.mouse.click(300, 300);
  const pressedAt = Date.now();
  await expect.poll(() => statusOf(page)).toMatchObject({ reason: "idle" });
  const { endedAt } = await statusOf(page);
  expect(endedAt).toBeGreaterThan(pressedAt + paced(8_000));
  expect(endedAt).toBeLessThanOrEqual(pressedAt + paced(9_100));
  expect(countsIn(app).media).toBeGreaterThan(0);
});

test("media that is paused is no activity", async ({ page, openApp }) => {
  const app = await openApp({ policy: withMedia("1m"), body: PLAYER });
  await enter(page, app);
  await page.mouse.click(300, 300);
  await wait(paced(700));
  await page.evaluate(() => setTimeout(() => document.querySelector("audio")?.pause(), 800));
  const pausedAt = Date.now() + 800;
  await expect.poll(() => statusOf(page)).toMatchObject({ reason: "idle" });
  expect((await statusOf(page)).endedAt).toBeLessThanOrEqual(pausedAt + paced(4_300));
});
