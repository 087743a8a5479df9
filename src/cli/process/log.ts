/** The sidecar's log: one JSON object a line. */
import { isoInstant, systemClock } from "../../server/platform/clock.js";
import type { Logger } from "../../server/platform/logger.js";

export function jsonLog(write: (line: string) => void): Logger {
  const at = (level: string) => (message: string) => {
    const time = isoInstant(systemClock.now());
    for (const line of message.replace(/^curfew: /, "").split("\n"))
      write(`${JSON.stringify({ time, level, message: line })}\n`);
  };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}
