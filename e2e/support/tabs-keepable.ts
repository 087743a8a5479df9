/** The demo without `no-store` on its pages: an app whose pages a browser may keep for the back button. */
import { once } from "node:events";
import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";

export interface KeepableDemo {
  readonly url: string;
  /** For how long the answer to a heartbeat is held up, in milliseconds; 0 at first. */
  delay: number;
  close(): Promise<void>;
}

/** Opens the way to the demo at `target`. */
export async function openKeepable(target: string): Promise<KeepableDemo> {
  const opened = { delay: 0 };
  const server = createServer((request, response) => {
    const { method, url = "/", headers } = request;
    const passed = send(
      `${target}${url}`,
      { ...(method === undefined ? {} : { method }), headers },
      (answer) => {
        const { "cache-control": cacheControl, ...others } = answer.headers;
        const isPage = others["content-type"]?.startsWith("text/html") ?? false;
        const kept = isPage || cacheControl === undefined ? {} : { "cache-control": cacheControl };
        response.writeHead(answer.statusCode ?? 502, { ...others, ...kept });
        answer.pipe(response);
      },
    );
    passed.once("error", () => response.destroy());
    response.once("close", () => passed.destroy());
    request.pipe(passed);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(opened, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  });
}
