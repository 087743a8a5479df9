/** The sidecar's sinks, as its configuration says them. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "./support/program.js";
import { BASIC, startSidecar } from "./support/sidecar.js";

test("a sidecar sends its records to each sink that it was told, numbered by its log", async () => {
  const folder = temporaryFolder();
  onTestFinished(() => folder.remove());
  const posted: {
    readonly class_uid: number;
    readonly metadata: { readonly event_code: string; readonly sequence: number };
  }[] = [];
  const server = createServer((message, response) => {
    json(message).then(
      (events) => {
        posted.push(...(events as typeof posted));
        response.writeHead(204).end();
      },
      () => response.writeHead(400).end(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/audit`;
  const sidecar = await startSidecar(folder, {
    ...BASIC,
    audit: [
      { http: { url, map: "ocsf" } },
      { jsonl: { path: folder.file("audit.jsonl"), daily: true, sync: "always" } },
      { log: { directory: folder.file("log"), whenLost: "refuse" } },
    ],
  });
  await sidecar.call("POST", "/sessions", { subject: "ann" });
  expect(await sidecar.program.stop()).toBe(0);
  const lines = readFileSync(folder.file("audit.jsonl"), "utf8").trimEnd().split("\n");
  const types = lines.map((line) => (JSON.parse(line) as { readonly type: string }).type);
  expect(types).toEqual(["policy_in_force", "session_created"]);
  expect(
    posted.map(({ class_uid, metadata }) => [class_uid, metadata.event_code, metadata.sequence]),
  ).toEqual([
    [0, "policy_in_force", 0],
    [3002, "session_created", 1],
  ]);
});
