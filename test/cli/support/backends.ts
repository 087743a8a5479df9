/** The examples of backends that are not Node: how each is started, and what all of them must do behind nginx and the sidecar. */

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HttpBrowser, send } from "../../adapters/support/http-browser.js";
import { createVisitor } from "../../examples/visitor.js";
import { freePort } from "../../free-port.js";
import { createTestKey } from "../../server/support/test-browser.js";
import { type Folder, type Program, ROOT, startProgram, temporaryFolder } from "./program.js";
import { type RunningProxy, startNginx } from "./proxies.js";
import { BASIC, type RunningSidecar, startSidecar, TOKEN } from "./sidecar.js";

export interface Backend {
  /** Its folder is `examples/sidecar-NAME`. */
  readonly name: string;
  /** The name of the framework's token in a form. */
  readonly field: string;
  /** What the framework answers to a form without its token. */
  readonly refusal: number;
  /** Whether the framework makes the token anew at a sign-in. */
  readonly rotates: boolean;
  start(folder: string, port: number, env: Readonly<Record<string, string>>): Program;
}

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const SCRIPT = { accept: "application/json", "sec-fetch-mode": "cors", "sec-fetch-site": "same-origin" };
const SECRET_KEY = "a-secret-key-of-the-tests-".padEnd(64, "0123456789");

/** Go's templates write a `+` as an entity. */
const unescaped = (text: string) => text.replaceAll("&#43;", "+");

/** Declares the tests of one backend. */
export function describeBackend({ name, field, refusal, rotates, start }: Backend): void {
  const directory = join(ROOT, `examples/sidecar-${name}`);

  describe(`the ${name} example behind nginx and the sidecar`, () => {
    let folder: Folder;
    let sidecar: RunningSidecar;
    let app: Program;
    let nginx: RunningProxy;

    beforeAll(async () => {
      folder = temporaryFolder();
      sidecar = await startSidecar(folder, BASIC);
      const port = await freePort();
      const environment = { CURFEW_PRIVATE: sidecar.privateAt, CURFEW_SERVICE_TOKEN: TOKEN, SECRET_KEY };
      app = start(directory, port, { ...environment, PORT: String(port), TRY_OVER_HTTP: "1" });
      nginx = await startNginx(folder, { sidecar, appPort: port });
    });

    afterAll(async () => {
      await Promise.all([nginx.program, app, sidecar.program].map((program) => program.stop()));
      folder.remove();
    });

    const tokenOn = async (visitor: ReturnType<typeof createVisitor>, path: string) =>
      unescaped(await visitor.tokenOn(path, field));

    async function signedIn(username = "ann", back = "/") {
      const visitor = createVisitor(nginx.url);
      const fields = { username, password: "demo", return: back, [field]: await tokenOn(visitor, "/login") };
      const answer = await visitor.post("/login", fields);
      expect([answer.status, answer.location], answer.text).toEqual([303, back]);
      return visitor;
    }

    /** The same browser's client: it binds a key and sends heartbeats, with the cookies as they are. */
    async function clientOf({ jar }: ReturnType<typeof createVisitor>): Promise<HttpBrowser> {
      const browser = new HttpBrowser(nginx.url, await createTestKey());
      browser.cookie = [...jar].map((pair) => pair.join("=")).join("; ");
      await browser.ask();
      return browser;
    }

    test("a page leads to the sign-in and back, and names the person whatever their name", async () => {
      const stranger = createVisitor(nginx.url);
      const away = await stranger.get("/notes?page=2");
      expect([away.status, away.location]).toEqual([303, "/login?return=%2Fnotes%3Fpage%3D2"]);
      const form = await stranger.get(String(away.location));
      expect(form.text.replaceAll("&#x2F;", "/")).toContain('value="/notes?page=2"');
      const zoe = await signedIn("Zoë+1%", "/?page=2");
      const page = await zoe.get("/");
      expect([page.status, page.caching]).toEqual([200, "no-store"]);
      expect(unescaped(page.text)).toContain("Hello, Zoë+1%");
      expect(page.text).toContain('<script src="/curfew/curfew.js" defer>');
    });

    test("the way back leads to no other site", async () => {
      const visitor = createVisitor(nginx.url);
      for (const back of ["//evil.example", "https://evil.example/", "/\\evil.example", "/x\r\nA: b", ""]) {
        const token = await tokenOn(visitor, "/login");
        const fields = { username: "ann", password: "demo", return: back, [field]: token };
        const answer = await visitor.post("/login", fields);
        expect([answer.status, new URL(String(answer.location), nginx.url).href]).toEqual([
          303,
          `${nginx.url}/`,
        ]);
      }
    });

    test("a form without the framework's token is refused by the framework, at the sign-in too", async () => {
      const visitor = createVisitor(nginx.url);
      await visitor.get("/login");
      const signIn = { username: "ann", password: "demo", return: "/" };
      expect((await visitor.post("/login", signIn)).status).toBe(refusal);
      expect([...visitor.jar.keys()]).not.toContain("__Host-curfew");

      const ann = await signedIn();
      const token = await tokenOn(ann, "/");
      expect((await ann.post("/notes", { note: "Forged" })).status).toBe(refusal);
      expect((await ann.post("/notes", { note: "Forged", [field]: "made-up" })).status).toBe(refusal);
      expect((await ann.post("/logout", {})).status).toBe(refusal);
      const saved = await ann.post("/notes", { note: "Buy milk", [field]: token });
      const seen = saved.status === 303 ? await ann.get("/") : saved;
      expect([seen.status, seen.text]).toEqual([200, expect.stringContaining("Buy milk")]);
      expect(seen.text).not.toContain("Forged");
    });

    test("Curfew's own posts carry no token of the framework's, and get through", async () => {
      const client = await clientOf(await signedIn());
      expect((await client.bind()).status).toBe(200);
      expect((await client.beat(client.live.now)).status).toBe(200);
    });

    test(`a token from before a sign-in is ${rotates ? "dead" : "still good"} after it`, async () => {
      const visitor = await signedIn();
      const before = await tokenOn(visitor, "/");
      const fields = { username: "ann", password: "demo", return: "/" };
      await visitor.post("/login", { ...fields, [field]: await tokenOn(visitor, "/login") });
      const late = await visitor.post("/notes", { note: "Late", [field]: before });
      expect(late.status === refusal).toBe(rotates);
      const fresh = await visitor.post("/notes", { note: "Late", [field]: await tokenOn(visitor, "/") });
      expect(fresh.status).toBeLessThan(400);
    });

    test("after the end a page leads to the sign-in, a script gets 401, and no form is taken", async () => {
      const ann = await signedIn("ben");
      const token = await tokenOn(ann, "/");
      const ended = await sidecar.call("DELETE", "/sessions?subject=ben");
      expect(ended.status).toBe(204);
      expect(await ann.get("/")).toMatchObject({ status: 303, location: "/login" });
      const cookie = [...ann.jar].map((pair) => pair.join("=")).join("; ");
      const asked = await send(nginx.url, "GET", "/", { headers: { cookie, ...SCRIPT } });
      expect([asked.status, asked.body.type]).toEqual([401, "urn:curfew:session-ended"]);
      const body = String(new URLSearchParams({ note: "Too late", [field]: token }));
      const late = await send(nginx.url, "POST", "/notes", { headers: { cookie, ...SCRIPT, ...FORM }, body });
      expect(late.status).toBe(401);
      expect((await (await signedIn()).get("/")).text).not.toContain("Too late");
    });

    test("a sign-out ends the session as the person's own", async () => {
      const ann = await signedIn("zoe");
      const { jar } = ann;
      const client = await clientOf(ann);
      const left = await ann.post("/logout", { [field]: await tokenOn(ann, "/") });
      expect([left.status, left.location]).toEqual([303, "/login"]);
      expect(jar.size).toBeGreaterThan(0);
      const answer = await client.get("/", SCRIPT);
      expect([answer.status, answer.body.reason]).toEqual([401, "signed-out"]);
      const { body } = await sidecar.call("GET", "/sessions?subject=zoe");
      expect(body.sessions).toEqual([]);
    });

    test("nobody gets in whom the proxy has not named, or with a wrong password", async () => {
      const visitor = createVisitor(nginx.url);
      const named = { curfew_subject: "root", "Curfew-Subject": "root" };
      expect((await visitor.get("/", named)).status).toBe(303);
      const token = await tokenOn(visitor, "/login");
      const wrong = { username: "ann", password: "wrong", return: "/", [field]: token };
      expect((await visitor.post("/login", wrong)).status).toBe(403);
      expect([...visitor.jar.keys()]).not.toContain("__Host-curfew");
    });
  });
}

export const PHP: Backend = {
  name: "php",
  field: "csrf_token",
  refusal: 403,
  rotates: true,
  start: (folder, port, env) =>
    startProgram("php", ["-S", `127.0.0.1:${port}`, join(folder, "index.php")], env),
};

/** Debian's interpreter, which has Debian's Django, before one that was put in front of it. */
export const DJANGO: Backend = {
  name: "django",
  field: "csrfmiddlewaretoken",
  refusal: 403,
  rotates: true,
  start: (folder, port, env) =>
    startProgram("python3", [join(folder, "app.py"), "runserver", "--noreload", `127.0.0.1:${port}`], {
      ...env,
      PATH: `/usr/bin:${process.env.PATH}`,
      PYTHONDONTWRITEBYTECODE: "1",
    }),
};

export const FLASK: Backend = {
  name: "flask",
  field: "csrf_token",
  refusal: 400,
  rotates: true,
  start: (folder, port, env) =>
    startProgram("python3", ["-m", "flask", "run", "--port", String(port)], {
      ...env,
      FLASK_APP: join(folder, "app.py"),
      PATH: `/usr/bin:${process.env.PATH}`,
      PYTHONDONTWRITEBYTECODE: "1",
    }),
};

export const RUBY: Backend = {
  name: "ruby",
  field: "authenticity_token",
  refusal: 403,
  rotates: true,
  start: (folder, _port, env) => startProgram("ruby", [join(folder, "app.rb")], env),
};
