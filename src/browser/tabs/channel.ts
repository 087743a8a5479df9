/** The browser's own channel between tabs, by way of `broadcast-channel`: the build takes only this part of it along. */
import { BroadcastChannel, type BroadcastMethod } from "broadcast-channel";
import { isObject } from "../../protocol/members.js";

export interface NativeChannel {
  onmessage: ((value: unknown) => void) | null;
  postMessage(value: unknown): Promise<void>;
  close(): Promise<void>;
}

/** @throws Error where the browser has no channel */
export function openNativeChannel(name: string): NativeChannel {
  const channel = new BroadcastChannel<unknown>(name, { type: "native", webWorkerSupport: false });
  const { method } = channel as unknown as { method: BroadcastMethod };
  // By itself the library drops, by wall clocks that a person may set back, what was posted "before" it listened, and
  // throws at what is no message of its own.
  const onMessage: BroadcastMethod["onMessage"] = (state, callback) =>
    method.onMessage(state, (message) => {
      if (isObject(message) && message.type === "message") callback({ ...message, time: 0 });
    });
  return Object.assign(channel, { method: { ...method, onMessage, microSeconds: () => 0 } });
}
