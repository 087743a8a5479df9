/** A script of the same origin that posts what it likes to the tabs. */
import type { Page } from "@playwright/test";

/** How the tabs' library wraps a message. */
const ENVELOPE = { type: "message", time: 9e15 };
/** What the app is called where nobody said otherwise. */
const CHANNEL = "curfew:curfew";

/** Posts these messages, as they are and in the library's envelope, `times` times over, one round every `interval` ms; `"now"` stands for the instant of posting. */
export async function forge(
  page: Page,
  messages: readonly unknown[],
  { times = 1, interval = 0 }: { readonly times?: number; readonly interval?: number } = {},
): Promise<void> {
  await page.evaluate(
    ([name, envelope, forged, rounds, pause]) => {
      const channel = new BroadcastChannel(name);
      const withNow = (message: unknown) =>
        JSON.parse(JSON.stringify(message).replaceAll('"now!"', `${Date.now()}`));
      let left = rounds;
      const round = () => {
        for (const message of forged.map(withNow))
          for (const posted of [message, { ...envelope, data: message }]) channel.postMessage(posted);
        left--;
        if (left > 0) setTimeout(round, pause);
      };
      round();
    },
    [CHANNEL, ENVELOPE, messages, times, interval] as const,
  );
}

/** Replaced by the instant at which the message is posted. */
export const NOW = "now!";
