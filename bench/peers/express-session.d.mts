import type { Server } from "node:http";

/** @param setting which store, and where Redis is */
export function expressSession(setting: {
  readonly store?: string;
  readonly redis?: string;
}): Promise<Server>;
