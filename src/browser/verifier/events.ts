/** The verifier's stream of news: `GET {base}/events`. */

/** Listens until `signal`. `onEvent(true)`: there is news, or the stream is refused after it had stood. */
export function openEvents(url: string, signal: AbortSignal, onEvent: (isNews: boolean) => void): void {
  if (globalThis.EventSource === undefined) return;
  const source = new EventSource(url, { withCredentials: true });
  let hasStood = false;
  source.onmessage = () => {
    hasStood = true;
    onEvent(false);
  };
  source.onerror = () => {
    if (hasStood && source.readyState === source.CLOSED) onEvent(true);
  };
  for (const name of ["end", "changed"]) source.addEventListener(name, () => onEvent(true));
  signal.addEventListener("abort", () => source.close());
}
