/** The clock that adopters' tests get, with a wall clock that a test may set and chances that it chooses. */
import type { Clock } from "../../src/browser/platform/clock.js";
import { createManualClock } from "../../src/testing/manual-clock.js";

export class FakeClock implements Clock {
  /** The wall clock minus the monotonic one; changing it is what a person does in the settings. */
  wallOffset = 1_600_000_000_000;
  randomValue = 0;
  readonly #manual = createManualClock(0, settle);

  constructor() {
    this.#manual.block(1000);
  }

  monotonic(): number {
    return this.#manual.monotonic();
  }
  wall(): number {
    return this.monotonic() + this.wallOffset;
  }
  random(): number {
    return this.randomValue;
  }
  timingOf(): null {
    return null;
  }
  after(delay: number, callback: () => void): () => void {
    return this.#manual.after(delay, callback);
  }
  get timerCount(): number {
    return this.#manual.timerCount;
  }
  sleep(period: number): void {
    this.wallOffset += period;
  }
  block(period: number): void {
    this.#manual.block(period);
  }
  advance(period: number): Promise<void> {
    return this.#manual.advance(period);
  }
}

type Operation = (...values: readonly unknown[]) => Promise<unknown>;

/** The cryptography that is under way: a thread does it, and a busy machine may run that thread late. */
const underWay = new Set<Promise<unknown>>();
for (const name of ["generateKey", "exportKey", "importKey", "digest", "sign", "verify"]) {
  const operation: Operation = Reflect.get(crypto.subtle, name).bind(crypto.subtle);
  const tracked: Operation = (...values) => {
    const work = operation(...values);
    underWay.add(work);
    const done = () => underWay.delete(work);
    work.then(done, done);
    return work;
  };
  Reflect.defineProperty(crypto.subtle, name, { value: tracked, configurable: true, writable: true });
}

/** Lets everything that is under way finish, the signatures in the thread pool too. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 12; round++) {
    await Promise.allSettled(underWay);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
