/** The browser's own channel between tabs, by way of `broadcast-channel`: the build takes only this part of it along. */
import { BroadcastChannel } from "broadcast-channel";

export interface NativeChannel {
  onmessage: ((value: unknown) => void) | null;
  postMessage(value: unknown): Promise<void>;
  close(): Promise<void>;
}

/** @throws Error where the browser has no channel */
export function openNativeChannel(name: string): NativeChannel {
  return new BroadcastChannel<unknown>(name, { type: "native", webWorkerSupport: false });
}
