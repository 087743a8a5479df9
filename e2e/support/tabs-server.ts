/** What the server says and is asked, seen from outside the browser: looking must not wake, stop or touch a page. */
import type { BrowserContext, Page } from "@playwright/test";
import { expect, paced, type Status } from "../fixtures.js";

/** A claim is right to half a round trip, and a busy machine makes long ones. */
const claimError = () => paced(500);

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

/** What a page's client says, and when: by the page's own monotonic clock, which no test sets. */
export interface Noted {
  readonly status: string;
  readonly at: number;
}

/**
 * Starts to note, inside the page and without a word to the outside, each state of its client from now on: as the
 * client tells it, or as the page shows it where an app keeps the client to itself.
 */
export async function noteStates(page: Page): Promise<void> {
  await page.evaluate(() => {
    const noted: Noted[] = [];
    Reflect.set(window, "notedStates", noted);
    const note = (status: string) => {
      if (noted.at(-1)?.status !== status)
        noted.push({ status, at: performance.timeOrigin + performance.now() });
    };
    const session = Reflect.get(globalThis, "Curfew")?.session;
    if (session !== undefined) return void session.subscribe(() => note(session.state.status));
    const shown = document.querySelector("[data-testid=state]");
    if (shown === null) throw new Error("this page neither has a client nor shows its state");
    const look = () => note((shown.textContent ?? "").trim().toLowerCase());
    new MutationObserver(look).observe(shown, { characterData: true, childList: true, subtree: true });
  });
}

/** When the page was first told of this state since `noteStates`; waits until it has been. */
export async function toldAt(page: Page, status: string): Promise<number> {
  const find = () =>
    page.evaluate(
      (wanted) =>
        (Reflect.get(window, "notedStates") as Noted[]).find((noted) => noted.status === wanted)?.at ?? 0,
      status,
    );
  await expect.poll(find).toBeGreaterThan(0);
  return find();
}

/** The states that a page's client has said since `noteStates`. */
export async function statesOf(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => (Reflect.get(window, "notedStates") as Noted[]).map(({ status }) => status));
}

/** How late a person on this machine may be told what the server says. */
export const late = () => paced(1_500);

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
  await page.bringToFront();
  // The first one in a page may be where the pointer was already.
  await moveMouse(page);
  await until(Date.now() + 2 * claimError());
  const movedAt = Date.now();
  await moveMouse(page);
  let status = await ask();
  await expect
    .poll(async () => {
      status = await ask();
      return status.lastActiveAt;
    })
    .toBeGreaterThan(movedAt - claimError());
  return status;
}
