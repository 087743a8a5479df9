/** The policy's rules for routes hold in every framework, however a path is spelled. */
import { afterEach, describe, expect, test } from "vitest";
import { createSessionVerifier } from "../../src/server/adapters/node.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { signIn } from "../../src/testing/sign-in.js";
import { createTestClock } from "../server/support/test-clock.js";
import { MINUTE, SILENT } from "../server/support/test-verifier.js";
import { guardedApps, SECRET } from "./support/guarded-apps.js";
import { send } from "./support/http-browser.js";
import { listen, stopServers } from "./support/test-app.js";

afterEach(stopServers);

const SPELLINGS = [
  "/admin/users",
  "/ADMIN/users",
  "/Admin/",
  "//admin/users",
  "/admin//users",
  "/./admin/users",
  "/notes/../admin/users",
  "/notes/%2e%2e/admin/users",
  "/notes%2f..%2fadmin/users",
  "/%61dmin/users",
  "/%2561dmin/users",
  "/admin%2fusers",
  "/admin%5cusers",
  "/admin;x=1/users",
  "/admin/users;x",
  "/admin/users%00",
  "/admin/users%3f",
  "/%EF%BD%81dmin/users",
  "/admin/users?path=/notes",
  "/x/../admin//../users",
  "/x/../admin/..;/users",
  "/x/../admin/%252e%252e/users",
  "//host/admin/users",
  "http://evil.test/admin/users",
];

describe.each(guardedApps.filter(({ name }) => name !== "Express, below a path"))(
  "on $name",
  ({ listener }) => {
    test("a route that asks for a recent sign-in asks for it in every spelling", async () => {
      const clock = createTestClock();
      const options = {
        policy: {
          idle: "15m",
          absolute: "12h",
          rules: [{ routes: ["/admin/**"], fresh: "5m" }, { routes: ["/**"] }],
        },
        store: memoryStore({ clock }),
        signInUrl: "/login",
        logger: SILENT,
      };
      const url = await listen(await listener(options));
      const { cookie } = await signIn(createSessionVerifier(options), { subject: "ann" });
      clock.advance(6 * MINUTE);
      const get = (path: string) => send(url, "GET", path, { headers: { cookie } });
      expect((await get("/notes")).text).toBe(SECRET);
      for (const path of SPELLINGS) {
        const { status, text } = await get(path);
        expect([400, 401, 404], path).toContain(status);
        expect(text, path).not.toContain(SECRET);
      }
    });
  },
);
