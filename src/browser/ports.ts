/** What the client needs of a browser, so that its tests can be one. */
import type { InputKind } from "../protocol/heartbeat.js";
import type { Unreported } from "./input/carried-over.js";
import type { KeyStore } from "./key/store.js";
import type { Clock } from "./platform/clock.js";
import type { Cover } from "./platform/cover.js";
import type { PageEvent } from "./platform/lifecycle.js";
import type { SessionLogEntry } from "./platform/session-client.types.js";
import type { TabGroup, TabMessage } from "./tabs/group.js";
import type { TabLock } from "./tabs/lock.js";
import type { Transport } from "./verifier/transport.js";

export interface ClientPorts {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly page: PagePort;
  readonly observeInput: (onInput: (timeStamp: number, kind: InputKind) => void) => () => void;
  readonly openTabs: (name: string, onMessage: (message: TabMessage) => void) => TabGroup;
  readonly openStore: (name: string) => KeyStore;
  readonly openLock: (name: string) => TabLock;
  /** Listens to the verifier's news in one tab of the app `name`, until `signal`. */
  readonly hear: (name: string, signal: AbortSignal, onEvent: (isNews: boolean) => void) => void;
  readonly unreported: Unreported;
  readonly cover: Cover;
  /** Nothing of this client goes on: what was opened for it is closed. */
  close(): void;
}

export interface PagePort {
  readonly origin: string;
  /** `navigator.webdriver` */
  readonly automated: boolean;
  isHidden(): boolean;
  observe(callback: (event: PageEvent) => void): () => void;
  /** When a person stood behind a call, on the monotonic clock; null where none did. */
  gestureAt(event: Event | undefined): number | null;
  reload(): void;
  /** Whether this page's own address is this one, whatever its query; false for null. */
  isAt(address: string | null): boolean;
}

export interface ClientOptions {
  /** The app's name, as far as it is known before the server has said it. */
  readonly name: string;
  /** Prints each entry of the log as it comes; null: nothing is printed. */
  readonly print: ((entry: SessionLogEntry) => void) | null;
  /** The verifier's address, for what is said of its calls. */
  readonly base?: string;
  /** Gets what a developer has to know, once each. Default: the event `error` alone tells. */
  readonly warn?: (message: string) => void;
}
