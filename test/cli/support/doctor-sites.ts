/** Sites on real HTTP for the doctor, right and wrong, and the doctor's command as one who types it sees it. */
import { createServer, request as requestHttp, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type Express, type RequestHandler } from "express";
import type { Report } from "../../../src/cli/doctor/report.js";
import type { CommandProcess } from "../../../src/cli/process/process.js";
import { runCommand } from "../../../src/cli/program.js";
import { createSessionVerifier, type SessionVerifier } from "../../../src/server/adapters/node.js";
import { memoryStore } from "../../../src/server/stores/memory.js";
import type { SessionVerifierOptions } from "../../../src/server/verifier/options.js";
import { SILENT } from "../../server/support/test-verifier.js";

export interface Parts {
  readonly options?: Partial<SessionVerifierOptions>;
  /** Before everything else. */
  readonly before?: (app: Express, sessions: SessionVerifier) => void;
  /** Between the sign-in and the guarded pages. */
  readonly between?: (app: Express, sessions: SessionVerifier) => void;
  readonly routes?: boolean;
  readonly include?: string;
}

/** A small app as the README writes it; `parts` says what is wrong with it. */
export function createApp(parts: Parts = {}): { readonly app: Express; readonly sessions: SessionVerifier } {
  const { options, before = () => {}, between = () => {}, routes = true } = parts;
  const sessions = createSessionVerifier({
    policy: { idle: "15m", absolute: "12h", warning: "2m" },
    store: memoryStore(),
    signInUrl: "/login",
    logger: SILENT,
    ...options,
  });
  const app = express();
  before(app, sessions);
  if (routes) app.use(sessions.routes());
  app.get("/login", page("Sign in", parts));
  app.post("/login", express.urlencoded(), async (request, response) => {
    const { at } = request.query;
    const authenticatedAt = typeof at === "string" ? { authenticatedAt: Date.now() - Number(at) } : {};
    await sessions.start(request, response, { subject: "ann", ...authenticatedAt });
    response.redirect(303, "/account");
  });
  between(app, sessions);
  app.get("/open", page("Everybody's", parts));
  app.use(sessions.guard());
  app.get(["/", "/account"], page("Ann's account", parts));
  return { app, sessions };
}

function page(
  text: string,
  { include = '<script src="/curfew/curfew.js" defer></script>' }: Parts,
): RequestHandler {
  return (_request, response) =>
    void response.send(`<!doctype html><title>Shop</title>${include}<h1>${text}</h1>
<form method="post" action="/login"><button>Sign in</button></form>`);
}

const open: Server[] = [];

export async function listen(listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(listener);
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function closeAll(): Promise<void> {
  const closing = open.splice(0).map(
    (server) =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  await Promise.all(closing);
}

interface Passing {
  /** The path in the app of a path at the proxy. */
  readonly path?: (path: string) => string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Headers of the browser that are not passed on. */
  readonly without?: readonly string[];
}

/** A proxy in front of an app. */
export function proxyTo(
  target: string,
  { path = (same) => same, headers = {}, without = [] }: Passing,
): RequestHandler {
  return (request, response) => {
    const passed = { ...request.headers, ...headers };
    for (const name of without) delete passed[name];
    const { method = "GET", url } = request;
    const passing = requestHttp(new URL(path(url), target), { method, headers: passed }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(passing);
  };
}

/** The cookie of somebody who has just signed in. @param query of the sign-in */
export async function signIn(url: string, query = "", form?: URLSearchParams): Promise<string> {
  const body = form ?? null;
  const headers = { "Sec-Fetch-Site": "same-origin" };
  const answer = await fetch(`${url}/login${query}`, { method: "POST", redirect: "manual", headers, body });
  return answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

export interface Run {
  readonly code: number | undefined;
  readonly printed: string;
  readonly complained: string;
}

class Exit extends Error {}

/** The command in this process. */
export const curfew = (...args: readonly string[]): Promise<Run> => curfewIn(process.cwd(), ...args);

/** The same, typed in another folder. */
export async function curfewIn(folder: string, ...args: readonly string[]): Promise<Run> {
  let code: number | undefined;
  const [printed, complained]: [string[], string[]] = [[], []];
  const shell: CommandProcess = {
    args,
    folder,
    isTerminal: false,
    variable: () => undefined,
    print: (text) => void printed.push(text),
    complain: (text) => void complained.push(text),
    onStop: () => {},
    exit: (given) => {
      code = given;
      throw new Exit();
    },
  };
  await runCommand(shell).catch((error: unknown) => {
    if (!(error instanceof Exit)) throw error;
  });
  return { code, printed: printed.join(""), complained: complained.join("") };
}

export async function doctor(
  url: string,
  ...args: readonly string[]
): Promise<Report & { readonly code: number | undefined }> {
  const { code, printed, complained } = await curfew(
    "doctor",
    url,
    "--http-only",
    "--json",
    "--timeout",
    "20s",
    ...args,
  );
  if (printed === "") throw new Error(`the doctor said nothing: ${complained}`);
  return { ...(JSON.parse(printed) as Report), code };
}
