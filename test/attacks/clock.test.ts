/** Claims about time that a signer makes up. */
import { expect, test } from "vitest";
import { TestBrowser } from "../server/support/test-browser.js";
import { createTestVerifier, MINUTE } from "../server/support/test-verifier.js";

test.each([
  ["-1", -1],
  ["-1e9", -1e9],
  ["a fraction", 1.5],
  ["1e99", 1e99],
  ["NaN", Number.NaN],
  ["a text", "1767225600000"],
  ["nothing", null],
])("6: the claim %s is refused and counts for nothing", async (_name, activeAt) => {
  const { sessions, clock } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const { lastActiveAt } = browser.live;
  clock.advance(MINUTE);
  const { status, body } = await browser.beat(activeAt);
  expect([status, body.code]).toEqual([400, "active-at"]);
  expect((await browser.ask()).body.lastActiveAt).toBe(lastActiveAt);
});

test("6: a claim of 25 s ago moves the deadline to 15 minutes from then, not from the message", async () => {
  const { sessions, clock } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  clock.advance(MINUTE);
  const activeAt = clock.now() - 25_000;
  expect((await browser.beat(activeAt)).body).toMatchObject({
    lastActiveAt: activeAt,
    idleExpiresAt: activeAt + 15 * MINUTE,
  });
});

test.each([
  ["of now", (now: number) => now],
  ["that lies ahead and is clamped", (now: number) => now + 4 * MINUTE],
])("7: a script's steady claim %s is noticed", async (_name, claim) => {
  const { sessions, clock, audit } = createTestVerifier({ watch: {} });
  const browser = await TestBrowser.signedIn(sessions);
  for (let turn = 0; turn < 110; turn++) {
    clock.advance(30_000);
    const counts = { pointer: 30, key: 0, touch: 0, wheel: 0, media: 0, other: 0 };
    expect((await browser.beat(claim(clock.now()), { payload: { counts } })).status).toBe(200);
  }
  await sessions.close();
  expect(audit.filter(({ type }) => type === "alert_raised")).toMatchObject([{ rule: "machine-like" }]);
});

test("11: a browser that says it is automated is marked in the audit trail, and refused where the policy says so", async () => {
  const flagged = createTestVerifier();
  const browser = await TestBrowser.signedIn(flagged.sessions);
  flagged.clock.advance(MINUTE);
  await browser.beat(flagged.clock.now(), { payload: { automated: true } });
  expect(flagged.audit.at(-1)).toMatchObject({ type: "session_renewed", automated: true });

  const policy = { idle: "15m", absolute: "12h", warning: "2m", automated: "refuse" } as const;
  const refusing = createTestVerifier({ policy });
  const refused = await TestBrowser.signedIn(refusing.sessions);
  refusing.clock.advance(MINUTE);
  const { status, body } = await refused.beat(refusing.clock.now(), { payload: { automated: true } });
  expect([status, body.code]).toEqual([400, "automated"]);
  expect(refusing.audit.at(-1)).toMatchObject({ type: "heartbeat_refused", code: "automated" });
});
