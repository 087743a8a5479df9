/** The sidecar as a process of its own, on ports that the system gives, and the calls of an app to it. */
import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type HttpAnswer, type Message, send } from "../../adapters/support/http-browser.js";
import { type Folder, type Program, ROOT, startProgram } from "./program.js";

export const TOKEN = "service-token-of-the-tests-0123456789";
export const WEBHOOK_SECRET = "webhook-secret-of-the-tests-0123456789";

export const BASIC = {
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  store: "memory:",
  signInUrl: "/login",
  trustProxy: ["loopback"],
  listen: { public: "127.0.0.1:0", private: "127.0.0.1:0" },
  serviceToken: TOKEN,
};

export type Config = Readonly<Record<string, unknown>>;

/** Runs `curfew` from its sources. */
export function runCurfew(args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  return startProgram(process.execPath, ["--import", "tsx", join(ROOT, "src/cli/main.ts"), ...args], env);
}

export function writeConfig(folder: Folder, config: unknown, name = "curfew.config.json"): string {
  const file = folder.file(name);
  writeFileSync(file, typeof config === "string" ? config : JSON.stringify(config));
  return file;
}

export interface RunningSidecar {
  readonly program: Program;
  readonly publicUrl: string;
  /** `http://…` or `unix:…`. */
  readonly privateAt: string;
  /** A call to the private listener. */
  ask(method: string, path: string, message?: Message): Promise<HttpAnswer>;
  /** The same with the service token and a JSON body. */
  call(method: string, path: string, value?: unknown, headers?: Message["headers"]): Promise<HttpAnswer>;
  /** Whether the proxy may let a browser with this Cookie header pass. */
  check(cookie: string | null, query?: string, headers?: Message["headers"]): Promise<HttpAnswer>;
}

const READY = /^Curfew sidecar ready: public (http:\S+), private (\S+)$/;

export async function startSidecar(
  folder: Folder,
  config: Config,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningSidecar> {
  const program = runCurfew(["serve", "--config", writeConfig(folder, config)], env);
  const [, publicUrl = "", privateAt = ""] = await program.line(READY);
  const ask: RunningSidecar["ask"] = (method, path, message = {}) =>
    privateAt.startsWith("unix:")
      ? sendToSocket(privateAt.slice("unix:".length), method, path, message)
      : send(privateAt, method, path, message);
  return {
    program,
    publicUrl,
    privateAt,
    ask,
    call: (method, path, value, headers = {}) =>
      ask(method, path, {
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", ...headers },
        ...(value === undefined ? {} : { body: typeof value === "string" ? value : JSON.stringify(value) }),
      }),
    check: (cookie, query = "", headers = {}) =>
      ask("GET", `/check${query}`, { headers: { ...(cookie === null ? {} : { cookie }), ...headers } }),
  };
}

/** The Cookie header that a browser sends after these `Set-Cookie`s. */
export function cookieFrom(answer: HttpAnswer): string {
  const { setCookie } = answer.body;
  if (!Array.isArray(setCookie)) throw new Error(`no setCookie in ${answer.text}`);
  return setCookie.map((line) => String(line).split(";")[0]).join("; ");
}

async function sendToSocket(
  socketPath: string,
  method: string,
  path: string,
  { headers = {}, body }: Message,
): Promise<HttpAnswer> {
  const asked = request({ socketPath, method, path, headers });
  const answered = new Promise<HttpAnswer>((resolve, reject) => {
    asked.once("error", reject);
    asked.once("response", (response) => {
      const { statusCode: status, headers: received } = response;
      text(response).then((read) => {
        const value: unknown = read.startsWith("{") ? JSON.parse(read) : {};
        resolve({ status, headers: received, text: read, body: Object(value) as HttpAnswer["body"] });
      }, reject);
    });
  });
  asked.end(body);
  return answered;
}
