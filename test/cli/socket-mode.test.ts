/** The sidecar's socket from its first moment on: here nothing sets its mode once it is there. */
import { statSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { listen } from "../../src/cli/http/listener.js";
import { problem } from "../../src/server/http/problems.js";
import { SILENT } from "../server/support/test-verifier.js";
import { temporaryFolder } from "./support/program.js";

vi.mock("node:fs", async (original) => ({ ...(await original<object>()), chmodSync: () => {} }));

const umask = process.umask();
afterEach(() => {
  process.umask(umask);
});

test.each(["000", "022"])(
  "a socket is open to its owner and group alone from the beginning, under the umask %s",
  async (mask) => {
    const folder = temporaryFolder();
    process.umask(mask);
    const path = folder.file("private.sock");
    const listener = await listen(
      "the test",
      { type: "unix", path },
      async () => problem("not-found"),
      SILENT,
    );
    expect(statSync(path).mode & 0o777).toBe(0o660);
    expect(process.umask()).toBe(Number.parseInt(mask, 8));
    await listener.close();
    folder.remove();
  },
);
