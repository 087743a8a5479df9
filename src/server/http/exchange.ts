/** A request and an answer as the one handler sees them, whatever framework carried them. */

/** Without accessors, and so is whatever else is made for each request: an object literal with one is a slow dictionary. */
export interface HttpRequest {
  readonly method: string;
  /** Scheme and host of the request, as the browser would write the origin; empty where they are not known. */
  readonly origin: string;
  readonly unknownOrigin: Unknown | null;
  /** The address of the client in its one form, as far as trusted proxies tell; null where it is not known. */
  readonly address: string | null;
  readonly unknownAddress: Unknown | null;
  /** The peer that says for whom it speaks, and is not believed, as `trustProxy` does not list it. */
  readonly unlistedProxy: string | null;
  /** The request as its framework made it, for the app's own `identify`. */
  readonly source: unknown;
  /** Path without the query. */
  readonly path: string;
  /** The query as sent, without its question mark. */
  readonly search: string;
  query(): URLSearchParams;
  header(name: string): string | null;
  /** The raw body, at most `limit` bytes. */
  body(limit: number): Promise<HttpBody>;
  /** The same, and leaves the body for the app to read. */
  peek(limit: number): Promise<HttpBody>;
  /**
   * Calls back once the connection is closed: `isAnswered` where the whole answer had been sent by then.
   * @returns whether a sent answer is told of as well
   */
  onClosed(listener: (isAnswered: boolean) => void): boolean;
  /** Whether the server that took the request takes no others any more; false where nobody can tell. */
  isServerClosing(): boolean;
}

/** Why something is not known, with what to do. */
export interface Unknown {
  /** `proxy`: a trusted proxy says what cannot be read; `peer`: nobody says anything. */
  readonly whose: "proxy" | "peer";
  /** For the log, and for the problem of a refused post. */
  readonly cause: string;
}

export type HttpBody =
  | { readonly type: "bytes"; readonly bytes: Uint8Array }
  /** A body parser was there before. */
  | { readonly type: "parsed"; readonly value: unknown }
  | { readonly type: "too-large" }
  /** Somebody has read the body and left nothing of it. */
  | { readonly type: "consumed" };

export type HttpHeader = readonly [name: string, value: string];

export interface HttpAnswer {
  readonly status: number;
  readonly headers: readonly HttpHeader[];
  readonly body: string | Uint8Array<ArrayBuffer> | StreamBody | null;
}

/** A body that goes on: the adapter opens it, and the headers go out with the first text. */
export interface StreamBody {
  /** @returns what to call once the reader has gone */
  open(reader: BodyReader): () => void;
}

/** Who reads a body that goes on. */
export interface BodyReader {
  send(text: string): void;
  /** Whether what was sent before still waits to be taken. */
  isBehind(): boolean;
  end(): void;
  /** Cuts the connection. */
  drop(): void;
}

export function isStream(body: HttpAnswer["body"]): body is StreamBody {
  return typeof body === "object" && body !== null && "open" in body;
}

export function json(status: number, value: unknown, headers: readonly HttpHeader[] = []): HttpAnswer {
  return {
    status,
    headers: [["Content-Type", "application/json"], NO_STORE, ...headers],
    body: JSON.stringify(value),
  };
}

export const NO_STORE: HttpHeader = ["Cache-Control", "no-store"];

/** The address as sent, without scheme and host. */
export function pathWithQuery({ path, search }: HttpRequest): string {
  return search === "" ? path : `${path}?${search}`;
}
