/** What the server says and is asked, seen from outside the browser: looking must not wake, stop or touch a page. */
import type { BrowserContext, Page } from "@playwright/test";
import { expect, type Status } from "../fixtures.js";

/** A claim is right to half a round trip, and a busy machine makes long ones. */
const CLAIM_ERROR = 500;

/**
 * Asks for the session that the browser has now, at any later time: also while the browser sleeps or its pages are
 * frozen, blocked or gone.
 */
export async function serverView(page: Page): Promise<() => Promise<Status>> {
  const { origin } = new URL(page.url());
  const cookies = await page.context().cookies(origin);
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  return async () =>
    (await (await fetch(`${origin}/curfew/session`, { headers: { cookie } })).json()) as Status;
}

/** An answer of the verifier to a page. */
export interface Answered {
  readonly call: string;
  readonly status: number;
  readonly at: number;
}

/** Notes what the verifier answers to the pages of this browser, or of one page. */
export function noteAnswers(source: BrowserContext | Page): Answered[] {
  const answers: Answered[] = [];
  const note = (response: { url(): string; status(): number }) => {
    const call = /\/curfew\/(session|key|heartbeat|end)(\?|$)/.exec(response.url())?.[1];
    if (call !== undefined) answers.push({ call, status: response.status(), at: Date.now() });
  };
  // Both sources have this event; their types differ in what they return.
  if ("pages" in source) source.on("response", note);
  else source.on("response", note);
  return answers;
}

export function countOf(answers: readonly Answered[], call: string): number {
  return answers.filter((answer) => answer.call === call).length;
}

/** Waits until this instant of `Date.now()`, without touching a page. */
export function until(at: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, at - Date.now())));
}

let steps = 0;

/** One move of the mouse to where it has not been just before. */
export async function moveMouse(page: Page): Promise<void> {
  steps++;
  await page.mouse.move(200 + (steps % 20) * 7, 240 + (steps % 7) * 9);
}

/** Moves of the mouse, and what the server says once it knows of the last one: nothing of before is under way any more. */
export async function beActive(page: Page, ask: () => Promise<Status>): Promise<Status> {
  // The first one in a page may be where the pointer was already.
  await moveMouse(page);
  await until(Date.now() + 2 * CLAIM_ERROR);
  const movedAt = Date.now();
  await moveMouse(page);
  let status = await ask();
  await expect
    .poll(async () => {
      status = await ask();
      return status.lastActiveAt;
    })
    .toBeGreaterThan(movedAt - CLAIM_ERROR);
  return status;
}
