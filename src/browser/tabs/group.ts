/** The tabs of one browser. A message between them is news, never a verdict. */
import { isObject } from "../../protocol/members.js";
import { type EndReason, isEndReason } from "../../session/end.js";
import { type NativeChannel, openNativeChannel } from "./channel.js";

export type TabMessage =
  /** A tab has come, or has another session than before; null while it has none. Who shares the session answers with `active`. */
  | { readonly type: "hello"; readonly sid: string | null }
  /** The server told a tab that nobody is signed in. */
  | { readonly type: "absent" }
  /** The server accepted activity at `activeAt`; `now` is its time of doing so. */
  | ({
      readonly type: "active";
      readonly sid: string;
      readonly now: number;
      readonly activeAt: number;
    } & Sender)
  /** The server told a tab that this session is over. */
  | ({ readonly type: "ended"; readonly sid: string; readonly reason: EndReason } & Sender);

/** The name of the tab that has posted, for the log alone. */
interface Sender {
  readonly tab?: string | undefined;
}

/** An end that another tab tells of. */
export type ReportedEnd = Pick<TabMessage & { type: "ended" }, "reason" | "tab">;

export interface TabGroup {
  post(message: TabMessage): void;
  /** Leaves; may be called again, never throws. */
  close(): void;
}

const MAX_NAME_LENGTH = 16;

/** Joins the tabs of the app `name`. Where the browser has no channel, the tab stays alone. */
export function openTabGroup(name: string, onMessage: (message: TabMessage) => void): TabGroup {
  let channel: NativeChannel | null = null;
  try {
    channel = openNativeChannel(`curfew:${name}`);
    channel.onmessage = (value) => {
      const message = parseTabMessage(value);
      if (message !== null) onMessage(message);
    };
  } catch {
    channel = null;
  }
  const quietly = async (act: () => unknown) => {
    try {
      await act();
    } catch {
      // The channel closed meanwhile: nobody is left to tell.
    }
  };
  return {
    post: (message) => void quietly(() => channel?.postMessage(message)),
    close() {
      const closing = channel;
      channel = null;
      void quietly(() => closing?.close());
    },
  };
}

/** Reads a message of another tab; null for anything else. Members it does not know are ignored. */
export function parseTabMessage(value: unknown): TabMessage | null {
  if (!isObject(value)) return null;
  const { type, sid, now, activeAt, reason } = value;
  const tab = typeof value.tab === "string" ? value.tab.slice(0, MAX_NAME_LENGTH) : undefined;
  if (type === "hello" && (sid === null || typeof sid === "string")) return { type, sid };
  if (type === "absent") return { type };
  if (typeof sid !== "string") return null;
  if (type === "ended" && isEndReason(reason)) return { type, sid, reason, tab };
  return type === "active" && isInstant(now) && isInstant(activeAt)
    ? { type, sid, now, activeAt, tab }
    : null;
}

function isInstant(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
