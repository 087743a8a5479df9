/** One measured server in a process of its own: told by its arguments what to be, asked over IPC what it has cost. */
import type { AddressInfo } from "node:net";
import { makeServer, type Setting } from "./apps.js";

const server = await makeServer(JSON.parse(process.argv[2] ?? "{}") as Setting);

process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpu: user + system, memory: process.memoryUsage().rss });
});
process.on("disconnect", () => process.exit());

server.listen(0, "127.0.0.1", 1_024, () => process.send?.({ port: (server.address() as AddressInfo).port }));
