import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { sqliteStore } from "../../src/server/stores/sqlite/store.js";
import { createTestKey, TestBrowser } from "./support/test-browser.js";
import { createTestVerifier } from "./support/test-verifier.js";

interface Acknowledged {
  readonly sid: string;
  readonly cookie: string;
  readonly nonce?: string;
  readonly ended?: boolean;
}

test("a kill -9 in the middle of the work loses no acknowledged heartbeat and no acknowledged end", async () => {
  const folder = mkdtempSync(join(tmpdir(), "curfew-"));
  const file = join(folder, "sessions.db");
  const script = fileURLToPath(new URL("./support/killed-process.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script, file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const acknowledged: Acknowledged[] = [];
  for await (const line of createInterface(child.stdout)) {
    acknowledged.push(JSON.parse(line) as Acknowledged);
    if (acknowledged.length === 60) child.kill("SIGKILL");
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  expect(child.signalCode).toBe("SIGKILL");

  const { sessions } = createTestVerifier({ store: sqliteStore(file) });
  const key = await createTestKey();
  for (const { sid, cookie, nonce, ended } of acknowledged) {
    const browser = Object.assign(new TestBrowser(sessions, key), { cookie });
    const { body } = await browser.ask();
    expect(body).toMatchObject(ended ? { reason: "revoked" } : { sid, nonce, status: "active" });
  }
  await sessions.close();
  rmSync(folder, { recursive: true });
});
