/** A server on the listening socket that it was handed as descriptor 3, as systemd does; says who its first peer is. */
import { createServer } from "node:http";
import { peerOf } from "../../../src/server/platform/peer.js";

createServer((message, response) => {
  process.stdout.write(`${JSON.stringify(peerOf(message.socket))}\n`, () => process.exit());
  response.end();
}).listen({ fd: 3 });
