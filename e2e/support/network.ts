/** A bad network: a proxy between the browser and the demo that loses, delays and replaces answers as a test says. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import type { Status } from "../fixtures.js";

/** What happens to a request. `null`: nothing out of the ordinary. */
export type Fault =
  /** The server acts, and its answer breaks off: the browser does not send such a request again by itself. */
  | { readonly type: "lost-answer" }
  /** The server acts, and the connection is reset before its answer: the browser may send the request again by itself. */
  | { readonly type: "reset" }
  /** Nobody ever answers, and the server never hears of it. */
  | { readonly type: "silence" }
  /** The server acts at once; the answer comes `delay` ms later. */
  | { readonly type: "slow-answer"; readonly delay: number }
  /** Somebody else answers. */
  | {
      readonly type: "instead";
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | null;

/** A request that came through, and when. */
export interface Passage {
  readonly method: string;
  readonly path: string;
  readonly at: number;
  readonly body: string;
  /** What the server said; 0 where it was not asked or has not answered yet. */
  answered: number;
}

export interface Network {
  /** What the browser opens in place of the demo. */
  readonly url: string;
  readonly passages: readonly Passage[];
  /** Decides over each request from now on. */
  fault: (passage: Passage) => Fault;
  /** The demo's own calls of Curfew that have come through since `at`. */
  since(at: number, path: string): readonly Passage[];
  /** Breaks off the answers to such requests that are under way, such as a stream. */
  cut(path: string): void;
  close(): Promise<void>;
}

export const CURFEW = "/curfew/";

/** Opens the way to `target`, at first without faults. */
export async function openNetwork(target: string): Promise<Network> {
  const passages: Passage[] = [];
  const open = new Map<ServerResponse, string>();
  const server = createServer((request, response) => void pass(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const network = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passages,
    fault: (_passage: Passage): Fault => null,
    since: (at: number, path: string) =>
      passages.filter((passage) => passage.at >= at && passage.path.startsWith(path)),
    cut(path: string) {
      for (const [response, of] of open) if (of.startsWith(path)) response.destroy();
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  } satisfies Network;

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    const { method = "GET", url: path = "/" } = request;
    const passage: Passage = { method, path, at: Date.now(), body, answered: 0 };
    passages.push(passage);
    open.set(response, path);
    response.once("close", () => open.delete(response));
    const fault = network.fault(passage);
    if (fault?.type === "silence") return;
    if (fault?.type === "instead") {
      response.writeHead(fault.status, { "content-type": "text/html", ...fault.headers });
      return void response.end(fault.body ?? "");
    }
    const onward = send(target + path, { method, headers: request.headers });
    onward.once("error", () => response.destroy());
    // A stream that the browser has closed is over for the server too; what is sent but once it still acts on.
    if (method === "GET") response.once("close", () => onward.destroy());
    onward.once("response", (answer) => void deliver(answer, { passage, response, fault }));
    onward.end(body);
  }
  return network;
}

async function deliver(
  answer: IncomingMessage,
  to: { readonly passage: Passage; readonly response: ServerResponse; readonly fault: Fault },
): Promise<void> {
  const { passage, response, fault } = to;
  passage.answered = answer.statusCode ?? 0;
  if (fault?.type === "reset") return void response.destroy();
  if (fault?.type === "slow-answer") await new Promise((go) => setTimeout(go, fault.delay));
  response.writeHead(passage.answered, answer.headers);
  if (fault?.type !== "lost-answer") return void answer.pipe(response);
  response.flushHeaders();
  setTimeout(() => response.destroy(), 20);
}

async function textOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** What the demo says of the page's session, asked past the bad network. */
export async function truthOf(page: Page, target: string): Promise<Status> {
  const cookies = await page.context().cookies(target);
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const response = await fetch(`${target}/curfew/session`, { headers: { cookie } });
  return (await response.json()) as Status;
}

/** What the page's client and its warning have said, from `watch` on. */
export interface Told {
  readonly at: number;
  readonly status: string;
  readonly reachable: boolean | null;
  readonly canExtend: boolean | null;
  readonly keyStore: string | null;
  /** What the warning shows; empty while it is closed. */
  readonly shown: string;
}

/** Starts to note, inside the page, each change of what a person is told. */
export async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { session } = Reflect.get(globalThis, "Curfew") as { session: { state: Record<string, unknown> } };
    const told: object[] = [];
    let last = "";
    Reflect.set(globalThis, "told", told);
    setInterval(() => {
      const { status, reachable = null, canExtend = null, keyStore = null } = session.state;
      const dialog = document.querySelector("curfew-warning")?.shadowRoot?.querySelector("dialog");
      const shown = [...(dialog?.open ? dialog.querySelectorAll("h2,p,button,a") : [])]
        .filter((part) => part.checkVisibility() && part.matches("[part=countdown],[part=left]") === false)
        .map((part) => part.textContent)
        .join(" ");
      const now = { status, reachable, canExtend, keyStore, shown };
      if (JSON.stringify(now) === last) return;
      last = JSON.stringify(now);
      told.push({ at: Date.now(), ...now });
    }, 25);
  });
}

/** What was noted so far. */
export async function toldTo(page: Page): Promise<readonly Told[]> {
  return page.evaluate(() => Reflect.get(globalThis, "told") as Told[]);
}

/** Moves the mouse a little. */
export async function move(page: Page): Promise<number> {
  moves++;
  const at = Date.now();
  await page.mouse.move(50 + (moves % 60) * 5, 90 + (moves % 7) * 9);
  return at;
}

let moves = 0;
