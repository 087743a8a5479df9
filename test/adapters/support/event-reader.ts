/** A page's stream of news over a real connection, read as text. */
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";
import { constants, createGunzip } from "node:zlib";

export interface EventReader {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  /** What has come so far. */
  readonly text: string;
  /** Resolves once the stream has said that. */
  heard(said: string): Promise<void>;
  /** Resolves with everything once the server has ended it. */
  readonly ended: Promise<string>;
  /** The page goes. */
  close(): void;
}

/** Resolves with the answer's headers; the body goes on. */
export function openEvents(
  url: string,
  headers: OutgoingHttpHeaders = {},
  path = "/curfew/events",
): Promise<EventReader> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, url), { agent: false, headers });
    asked.once("error", reject);
    asked.once("response", (response) => {
      let text = "";
      const waiting = new Set<() => void>();
      const body =
        response.headers["content-encoding"] === "gzip"
          ? response.pipe(createGunzip({ flush: constants.Z_SYNC_FLUSH }))
          : response;
      body.setEncoding("utf8");
      body.on("data", (part: string) => {
        text += part;
        for (const look of [...waiting]) look();
      });
      const ended = new Promise<string>((over) => {
        body.once("close", () => over(text));
      });
      resolve({
        status: response.statusCode,
        headers: response.headers,
        get text() {
          return text;
        },
        heard: (said) =>
          new Promise((heard) => {
            const look = () => {
              if (text.includes(said)) heard();
            };
            waiting.add(look);
            look();
          }),
        ended,
        close: () => void asked.destroy(),
      });
    });
    asked.end();
  });
}
