/** Holds `no-store` on a Node answer until its headers are sent, whatever a handler sets meanwhile. */
import type { ServerResponse } from "node:http";
import onHeaders from "on-headers";
import { type AnswerHeaders, forbidStoring } from "./caching.js";

/** @param onOverridden told what the handler said, where it said that a copy may be kept */
export function holdUnstored(response: ServerResponse, onOverridden: (said: string) => void): void {
  onHeaders(response, () => {
    const said = forbidStoring(headersOf(response));
    if (said !== null) onOverridden(said);
  });
}

function headersOf(response: ServerResponse): AnswerHeaders {
  return {
    keys: () => response.getHeaderNames(),
    get(name) {
      const value = response.getHeader(name);
      return value === undefined ? null : String(value);
    },
    set: (name, value) => void response.setHeader(name, value),
    delete: (name) => response.removeHeader(name),
  };
}
