/** What an outbox gives to whoever is told of ends, and how they say that they could not take it. */
import type { EndedSessionInfo } from "./view.js";

/** One message. */
interface Delivery {
  /** The same at each try. */
  readonly id: string;
  readonly session: EndedSessionInfo;
  /** What was kept for the receiver alone; null where nothing was. */
  readonly token: string | null;
}

/** Takes a delivery, or throws: then it is tried again. */
export type Receiver = (delivery: Delivery) => Promise<void>;

/** A receiver did not take a delivery. The message names no address and no secret: it is kept, and goes to the log. */
export class DeliveryError extends Error {
  override readonly name = "DeliveryError";
  /** Whether it concerns the receiver, so that others need not be tried meanwhile either. */
  readonly isDown: boolean;
  /** For how long the receiver wants to be left alone, in milliseconds; null where it does not say. */
  readonly wait: number | null;

  constructor(message: string, { isDown, wait }: { readonly isDown: boolean; readonly wait: number | null }) {
    super(message);
    this.isDown = isDown;
    this.wait = wait;
  }
}
