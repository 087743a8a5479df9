/** The verifier's streams of news as a browser has them: one for each app, and the next tab's when it is closed. */

interface Listener {
  readonly name: string;
  readonly onEvent: (isNews: boolean) => void;
}

export class FakeNews {
  /** Whether a stream that is opened stands. */
  stands = true;
  /** How many streams have been opened. */
  opened = 0;
  readonly #waiting: Listener[] = [];
  readonly #open = new Map<string, Listener>();

  hear(name: string, signal: AbortSignal, onEvent: (isNews: boolean) => void): void {
    const listener = { name, onEvent };
    this.#waiting.push(listener);
    signal.addEventListener("abort", () => {
      this.#waiting.splice(0, this.#waiting.length, ...this.#waiting.filter((one) => one !== listener));
      if (this.#open.get(name) === listener) this.#open.delete(name);
      queueMicrotask(() => this.#next());
    });
    this.#next();
  }

  /** How many streams are open. */
  get open(): number {
    return this.#open.size;
  }

  /** The verifier says `end` or `changed`. */
  tell(): void {
    for (const { onEvent } of this.#open.values()) if (this.stands) onEvent(true);
  }

  /** The verifier says that its streams stand. */
  keepAlive(): void {
    for (const { onEvent } of this.#open.values()) if (this.stands) onEvent(false);
  }

  #next(): void {
    for (const listener of [...this.#waiting]) {
      if (this.#open.has(listener.name)) continue;
      this.#waiting.splice(this.#waiting.indexOf(listener), 1);
      this.#open.set(listener.name, listener);
      this.opened++;
      if (this.stands) queueMicrotask(() => listener.onEvent(false));
    }
  }
}
