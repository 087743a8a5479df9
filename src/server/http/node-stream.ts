/** Sends a body that goes on by a Node response. */
import type { ServerResponse } from "node:http";
import type { StreamBody } from "./exchange.js";
import { onClose } from "./node-closing.js";

export function sendStream(response: ServerResponse, body: StreamBody): void {
  // What is written to a connection that has just gone is lost with it.
  response.on("error", () => {});
  const gone = body.open({
    send: (text) => response.write(text),
    isBehind: () => response.writableLength > 0,
    end: () => response.end(),
    drop: () => response.destroy(),
  });
  onClose(response, gone);
}
