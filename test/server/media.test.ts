import { expect, test } from "vitest";
import { TestBrowser } from "./support/test-browser.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

const POLICY = { idle: "15m", absolute: "12h", media: "20m" } as const;
const NONE = { pointer: 0, key: 0, touch: 0, wheel: 0, media: 0, other: 0 };
const MEDIA = { payload: { counts: { ...NONE, media: 9 } } };
const BOTH = { payload: { counts: { ...NONE, media: 9, key: 1 } } };

async function signedIn(policy: typeof POLICY | Omit<typeof POLICY, "media">) {
  const { clock, sessions } = createTestVerifier({ policy });
  const browser = await TestBrowser.signedIn(sessions);
  const startedAt = clock.now();
  /** Lets `period` pass and reports activity at its end; gives how long after the start the last activity is now. */
  async function beatAfter(period: number, changes: typeof MEDIA): Promise<number> {
    clock.advance(period);
    expect((await browser.beat(clock.now(), changes)).status).toBe(200);
    return browser.live.lastActiveAt - startedAt;
  }
  return { clock, browser, startedAt, beatAfter };
}

test("media alone keeps a session for as long after the last input as the policy says, and no longer", async () => {
  const { clock, browser, startedAt, beatAfter } = await signedIn(POLICY);
  expect(await beatAfter(10 * MINUTE, MEDIA)).toBe(10 * MINUTE);
  expect(await beatAfter(9 * MINUTE, MEDIA)).toBe(19 * MINUTE);
  expect(await beatAfter(9 * MINUTE, MEDIA)).toBe(20 * MINUTE);
  expect(await beatAfter(5 * MINUTE, MEDIA)).toBe(20 * MINUTE);
  clock.advance(2 * MINUTE);
  expect((await browser.ask()).body).toMatchObject({ reason: "idle", endedAt: startedAt + 35 * MINUTE });
});

test("input beside the media counts as it is, and the media's time begins anew with it", async () => {
  const { beatAfter } = await signedIn(POLICY);
  expect(await beatAfter(14 * MINUTE, MEDIA)).toBe(14 * MINUTE);
  expect(await beatAfter(10 * MINUTE, BOTH)).toBe(24 * MINUTE);
  expect(await beatAfter(14 * MINUTE, MEDIA)).toBe(38 * MINUTE);
  expect(await beatAfter(10 * MINUTE, MEDIA)).toBe(44 * MINUTE);
});

test("media alone extends nothing where the policy does not speak of it", async () => {
  const { idle, absolute } = POLICY;
  const { beatAfter } = await signedIn({ idle, absolute });
  expect(await beatAfter(10 * MINUTE, MEDIA)).toBe(0);
  expect(await beatAfter(4 * MINUTE, BOTH)).toBe(14 * MINUTE);
});
