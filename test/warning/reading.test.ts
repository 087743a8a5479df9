// @vitest-environment happy-dom
// What a screen reader says of the open warning, phrase by phrase, as a simulated one reads it.
import { virtual } from "@guidepup/virtual-screen-reader";
import { afterEach, expect, test } from "vitest";
import { attachWarning } from "../../src/warning/attach-warning.js";
import { absoluteState, createFakeSession, EXPIRES_AT, liveState } from "./fake-session.js";

let detach = () => {};

afterEach(async () => {
  await virtual.stop();
  detach();
});

/** Everything from the beginning of the card to its end. */
async function readingOf(selector: string): Promise<readonly string[]> {
  const container = document.querySelector("curfew-warning")?.shadowRoot?.querySelector(selector);
  if (!(container instanceof HTMLElement)) throw new Error(`there is no ${selector}`);
  await virtual.start({ container });
  const last = `end of ${(await virtual.lastSpokenPhrase()).split(",")[0]}`;
  for (let i = 0; i < 40 && !(await virtual.lastSpokenPhrase()).startsWith(last); i++) await virtual.next();
  return virtual.spokenPhraseLog();
}

/** The order of what matters, without the ends and the empty live regions. */
const NOISE = /^(end of |paragraph$|alert$|status$)/;
const heard = (phrases: readonly string[]) =>
  phrases.filter((phrase, i) => !NOISE.test(phrase) && phrase !== phrases[i - 1]);

async function heardOf(
  state: Parameters<ReturnType<typeof createFakeSession>["become"]>[0],
  selector: string,
) {
  const session = createFakeSession();
  detach = attachWarning(session, { locale: "en-GB", work: "saved" });
  session.become(state, 120_000);
  return heard(await readingOf(selector));
}

test("the question is a dialog with name and description, and reads: title, reason, time, answers", async () => {
  const reason = "For your security, we will sign you out at 14:32. Your work is saved.";
  expect(await heardOf(liveState(), "dialog")).toEqual([
    `alertdialog, You will be signed out soon, ${reason}`,
    "heading, You will be signed out soon, level 2",
    reason,
    "Time left: 2 minutes",
    "button, Stay signed in",
    "button, Sign out now",
  ]);
});

test("the notice is a region with a name, and reads: title, reason, time, ways on", async () => {
  expect(await heardOf(absoluteState(), "section")).toEqual([
    "region, You need to sign in again soon, key shortcuts F6",
    "heading, You need to sign in again soon, level 2",
    "For your security, everyone must sign in again after some time. For you this happens at 14:32. Your work is saved.",
    "Time left: 2 minutes",
    "link, Sign in again in a new tab",
    "button, Close",
  ]);
});

test("the end reads: what happened, why, how to go on", async () => {
  const kept = "What you wrote is still on this page.";
  const why =
    "Sign in again in a new tab, then come back. You did not use this page for a while, so we signed you out to keep your information safe.";
  expect(await heardOf({ status: "ended", reason: "idle", endedAt: EXPIRES_AT }, "dialog")).toEqual([
    `alertdialog, We signed you out, ${kept} ${why}`,
    "heading, We signed you out, level 2",
    kept,
    why,
    "link, Sign in again in a new tab",
  ]);
});
