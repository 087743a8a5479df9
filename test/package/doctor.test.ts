/** `curfew doctor` as it is installed: without the optional driver of a browser. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { runNode } from "./project.js";

test("the installed doctor examines a site over HTTP, and says what a browser would take", async () => {
  const consumer = inject("consumer");
  const server = createServer((_request, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const program = join(consumer, "node_modules/curfew/dist/cli/main.js");
  const { code, stdout } = await runNode([program, "doctor", url], consumer);
  server.close();
  expect(code).toBe(1);
  expect(stdout).toContain("\nbase-not-found\n");
  expect(stdout).toContain("what only a browser shows: playwright-core is not installed");
  expect(stdout).toContain("to look: npm install --save-dev playwright-core");
});
