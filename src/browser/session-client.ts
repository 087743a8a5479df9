/** The one way to a client: puts the browser's own parts together, one client for each verifier. */

import { isTooOld, TOO_OLD } from "../dom/engine.js";
import { isOrigin } from "../dom/origin.js";
import { addressIn } from "../dom/page-address.js";
import { createClient } from "./client.js";
import { gestureAt, observeActivity } from "./input/activity.js";
import { createUnreported } from "./input/carried-over.js";
import { type KeyStore, openKeyStore } from "./key/store.js";
import { createReload } from "./page/reload.js";
import { createClock } from "./platform/clock.js";
import { type Cover, createCover } from "./platform/cover.js";
import { CurfewError } from "./platform/error.js";
import { isHidden, observePage } from "./platform/lifecycle.js";
import type {
  SessionClient,
  SessionClientOptions,
  SessionLogEntry,
} from "./platform/session-client.types.js";
import { observeWindows } from "./platform/windows.js";
import type { ClientPorts, PagePort } from "./ports.js";
import { openTabGroup } from "./tabs/group.js";
import { createTabLock, holdEvents } from "./tabs/lock.js";
import { openEvents } from "./verifier/events.js";
import { createTransport } from "./verifier/transport.js";

const clients = new Map<string, SessionClient>();
/** A page that is covered when its client is closed stays so until the next client knows better. */
const covers = new Map<string, Cover>();

/**
 * The client of the verifier at `base`; observes from its creation. The same base again gives the same client. Where
 * there is no page (on a server), or the engine is too old, it gives one that stays `connecting` and does nothing.
 *
 * @throws CurfewError `bad-option` where one of `frames` is no origin
 * @example
 * const session = createSessionClient({ base: "/curfew" });
 * session.subscribe(() => console.log(session.state.status));
 */
export function createSessionClient(options: SessionClientOptions = {}): SessionClient {
  const { base = "/curfew", name = "curfew", frames = [], debug = false } = options;
  if (typeof window === "undefined") return ABSENT_PAGE_CLIENT;
  if (isTooOld()) {
    console.error(TOO_OLD);
    return ABSENT_PAGE_CLIENT;
  }
  for (const frame of frames) checkOrigin(frame);
  const url = addressIn(window, base).href.replace(/\/+$/, "");
  const known = clients.get(url);
  if (known !== undefined) return known;
  const client = createClient(portsOf(window, url, frames), {
    name,
    base: url,
    print: debug ? printEntry : null,
    warn: (message) => console.error(`curfew: ${message}`),
  });
  Object.assign(client, { base: url });
  clients.set(url, client);
  return client;
}

function checkOrigin(frame: string): void {
  if (!isOrigin(frame))
    throw new CurfewError(
      "bad-option",
      `"frames" holds "${frame}"; write an origin, such as "https://forms.example": a scheme and a host, without a path or a slash at its end.`,
    );
}

function portsOf(target: Window, url: string, frames: readonly string[]): ClientPorts {
  const clock = createClock();
  const windows = observeWindows(target, (callback) => void clock.after(0, callback));
  const earlier = covers.get(url);
  const cover = createCover(target, { windows, clock });
  covers.set(url, cover);
  const stores = new Map<string, KeyStore>();
  return {
    clock,
    transport: createTransport({ base: url, clock, isHidden: () => isHidden(target) }),
    page: pageOf(target, clock),
    observeInput: (onInput) => observeActivity(target, { clock, onInput, frames, windows }),
    openTabs: openTabGroup,
    openStore(name) {
      const store = stores.get(name) ?? openKeyStore(name, clock);
      stores.set(name, store);
      return store;
    },
    openLock: (name) => createTabLock(name, clock),
    hear: (name, signal, onEvent) =>
      holdEvents(name, signal, () => openEvents(`${url}/events`, signal, onEvent)),
    unreported: createUnreported(),
    cover: {
      set(covered) {
        cover.set(covered);
        earlier?.set(false);
      },
    },
    close() {
      windows.stop();
      for (const store of stores.values()) store.close();
      clients.delete(url);
    },
  };
}

function printEntry(entry: SessionLogEntry): void {
  console.info("curfew", entry.type, entry);
}

function pageOf(target: Window, clock: ClientPorts["clock"]): PagePort {
  const { noteSent, reload } = createReload(clock, () => target.location.reload());
  return {
    origin: target.location.origin,
    automated: target.navigator.webdriver === true,
    isHidden: () => isHidden(target),
    observe: (callback) =>
      observePage(target, (event) => {
        if (event.type === "sent") noteSent();
        callback(event);
      }),
    gestureAt: (event) => gestureAt(event, { target, now: clock.monotonic() }),
    reload,
    isAt: (address) => address !== null && isAt(target, address),
  };
}

function isAt(target: Window, address: string): boolean {
  const { origin, pathname } = addressIn(target, address);
  return origin === target.location.origin && pathname === target.location.pathname;
}

const refuse = () =>
  Promise.reject(
    new CurfewError(
      "no-session",
      "There is no page here, so there is no session to act on: call this in the browser.",
    ),
  );

const ABSENT_PAGE_CLIENT: SessionClient = {
  state: { status: "connecting" },
  signInUrl: null,
  limits: null,
  log: [],
  subscribe: () => () => {},
  on: () => () => {},
  remaining: () => null,
  extend: refuse,
  end: refuse,
  refresh: () => Promise.resolve({ status: "connecting" }),
  prove: refuse,
  isSameSubject: () => Promise.resolve(null),
  read: () => Promise.resolve(null),
  close() {},
};
