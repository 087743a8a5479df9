/** A clock that moves only when a test says so. */
import type { Clock } from "../../src/browser/platform/clock.js";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

export class FakeClock implements Clock {
  /** The wall clock minus the monotonic one; changing it is what a person does in the settings. */
  wallOffset = 1_600_000_000_000;
  randomValue = 0;
  readonly #timers = new Set<Timer>();
  #now = 1000;

  monotonic(): number {
    return this.#now;
  }
  wall(): number {
    return this.#now + this.wallOffset;
  }
  random(): number {
    return this.randomValue;
  }
  timingOf(): null {
    return null;
  }
  after(delay: number, callback: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, delay), callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }
  get timerCount(): number {
    return this.#timers.size;
  }

  /** The machine sleeps: the wall clock goes on, the monotonic one and the timers stand still. */
  sleep(period: number): void {
    this.wallOffset += period;
  }
  /** Time passes and nothing runs: the main thread is busy. */
  block(period: number): void {
    this.#now += period;
  }
  /** Time passes; timers fire in their order, and what they start is finished before the next one. */
  async advance(period: number): Promise<void> {
    const end = this.#now + period;
    await settle();
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
      await settle();
    }
    this.#now = end;
  }
}

const signer = crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);

/** Lets everything that is under way finish, the signatures in the thread pool too. */
export async function settle(): Promise<void> {
  const { privateKey } = await signer;
  for (let round = 0; round < 12; round++) {
    await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, new Uint8Array(64));
    await new Promise((resolve) => setImmediate(resolve));
  }
}
