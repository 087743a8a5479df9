/**
 * `LISTEN` on a connection of its own, which is believed only once it has heard what this node told itself through the
 * pool: behind a PgBouncer that gives each transaction another connection it hears nothing.
 */
import { later, within } from "../../platform/clock.js";
import { messageOf } from "../../platform/errors.js";
import { randomText } from "../../platform/secrets.js";
import type { WarningListener } from "../store.js";
import type { PostgresDriver } from "./driver.js";

interface PostgresListenerOptions {
  readonly listen: PostgresDriver["listen"];
  readonly channel: string;
  /** Tells everybody who listens, this node included. */
  readonly notify: (payload: string) => Promise<unknown>;
  readonly onMessage: (payload: string) => void;
  /** It hears from now on; what was told before it has missed. */
  readonly onHearing: () => void;
  readonly onWarning: WarningListener;
}

interface PostgresListener {
  /** Whether everything that is told is heard. */
  hears(): boolean;
  /** Begins to listen, where it does not yet. */
  open(): void;
  /** Tries again whether it hears. */
  doubt(): void;
  close(): void;
}

const PROBE_TIMEOUT = 2_000;
/** Until the next attempt: where it could not connect, and where it heard nothing. */
const RETRY_INTERVAL = 2_000;
const DEAF_INTERVAL = 60_000;
/** What a node tells itself begins with it; no app's name does. */
const PROBE = "\u0001";

export function postgresListener(options: PostgresListenerOptions): PostgresListener {
  const { channel, notify, onWarning } = options;
  let state: "idle" | "opening" | "deaf" | "hearing" | "closed" = "idle";
  let end = () => {};
  let heard = (_probe: string) => {};

  const onMessage = (payload: string) => {
    if (payload.startsWith(PROBE)) heard(payload);
    else options.onMessage(payload);
  };
  const retry = (interval: number) => {
    end();
    if (state === "closed") return;
    state = "opening";
    end = later(interval, listen);
  };
  const onLost = () => {
    if (state === "hearing" || state === "deaf") retry(RETRY_INTERVAL);
  };
  const listen = async (): Promise<void> => {
    try {
      const stop = await options.listen({ channel, onMessage, onLost });
      if (state === "closed") return stop();
      end = stop;
      await probe();
    } catch (error) {
      warn(
        `the PostgreSQL store cannot listen for ends of other nodes (${messageOf(error)}); until it can, nodes ask for them twice a second`,
      );
      retry(RETRY_INTERVAL);
    }
  };
  const probe = async (): Promise<void> => {
    state = "deaf";
    const isHeard = await hearsItself();
    if (state !== "deaf") return;
    if (!isHeard) {
      warn(
        "LISTEN hears nothing through the address of the PostgreSQL store, as behind PgBouncer in transaction mode: nodes ask for ends of other nodes twice a second instead; give the store `news`, an address that leads to PostgreSQL itself, or `news: false`",
      );
      return retry(DEAF_INTERVAL);
    }
    state = "hearing";
    options.onHearing();
  };
  const hearsItself = async (): Promise<boolean> => {
    const payload = PROBE + randomText(16);
    const itself = new Promise<boolean>((resolve) => {
      heard = (one) => {
        if (one === payload) resolve(true);
      };
    });
    await notify(payload);
    return within(PROBE_TIMEOUT, itself, () => new Error("nothing was heard")).catch(() => false);
  };
  const warn = (message: string) => {
    if (state !== "closed") onWarning(new Error(message));
  };

  return {
    hears: () => state === "hearing",
    open() {
      if (state !== "idle") return;
      state = "opening";
      void listen();
    },
    doubt() {
      if (state === "hearing") void probe().catch(() => retry(RETRY_INTERVAL));
    },
    close() {
      state = "closed";
      end();
    },
  };
}
