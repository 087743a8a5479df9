/** What the conformance suite is given, and what it hands to a test runner. */
import type { SessionStore } from "../server/stores/store.js";

/** A new, empty store on a clock that the suite moves. */
export interface OpenedStore {
  readonly store: SessionStore;
  /** A second handle on the same records, as another node has. Default: `store` itself. */
  readonly peer?: SessionStore;
  /** Lets that many milliseconds pass on the store's clock. */
  advance(duration: number): void | Promise<void>;
  /** Sets the store's clock by that many milliseconds, as an operator would; lets no time pass. */
  step?(duration: number): void | Promise<void>;
  /** Tidies up; the suite has closed the stores by then. */
  close?(): void | Promise<void>;
}

export interface StoreConformanceOptions {
  open(): OpenedStore | Promise<OpenedStore>;
  /** How many races between a heartbeat, an end and a deadline are run. Default 10,000. */
  readonly interleavings?: number;
}

export interface ConformanceCase {
  /** A fact about the store. */
  readonly name: string;
  /** Rejects with an `AssertionError` where it does not hold. */
  run(): Promise<void>;
}

/** A case as a function of an opened store. */
export type Check = (opened: OpenedStore & { readonly peer: SessionStore }) => Promise<void>;
export type Checks = readonly (readonly [name: string, check: Check])[];
