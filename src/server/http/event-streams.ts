/** The open streams of news: how many there may be, what keeps them open, and what is written to them. */
import { every, systemClock } from "../platform/clock.js";
import type { WarnOnce } from "../platform/logger.js";
import type { BodyReader, HttpRequest, StreamBody } from "./exchange.js";
import { keyOf, type Limits } from "./limits.js";

export interface EventStreams {
  /** Whether no more streams are taken, whoever asks. */
  isFull(): boolean;
  /** A place for one stream; null where the session has enough of them, or everybody together. */
  take(sid: string, request: Pick<HttpRequest, "address" | "isServerClosing">): EventStream | null;
  /** Tells the pages of a session that the server would now say something else of it. */
  changed(sid: string): void;
  /** Ends all streams and takes no more. */
  close(): void;
}

interface EventStream {
  /** Calls back once the stream is over; always tells. */
  onClosed(listener: (isAnswered: boolean) => void): true;
  /** What is sent: news until the signal says that the session has ended. */
  until(signal: AbortSignal): StreamBody;
}

interface EventStreamsOptions {
  readonly limits: Pick<Limits, "streams">;
  readonly policy: { readonly reachPeriod: number };
  readonly warnOnce: WarnOnce;
}

/** For one session from one network: a browser opens one, and some may not have been given up yet. */
const STREAMS_EACH = 4;
/** For one session, from wherever. */
const STREAMS_OF_SESSION = 16;
/** How often the streams are looked at. */
const LOOK_INTERVAL = 1_000;
/** Under the minute or so after which proxies give up a silent connection. */
const LONGEST_KEEP_ALIVE = 20_000;
/** After how long a browser opens a stream again that broke: spread over some seconds, so that a restart brings no storm. */
const FIRST_RETRY = 1_000;
const SPREAD = 4_000;
const SPREAD_STEP = 997;

interface Open {
  readonly sid: string;
  readonly who: string;
  readonly isServerClosing: () => boolean;
  reader: BodyReader | null;
  /** When something must be written, by the process's monotonic clock; until it is opened, when it is given up. */
  dueAt: number;
  onClosed: (isAnswered: boolean) => void;
}

export function createEventStreams({ limits, policy, warnOnce }: EventStreamsOptions): EventStreams {
  const keepAlive = Math.min(LONGEST_KEEP_ALIVE, 2 * policy.reachPeriod);
  const streams = new Set<Open>();
  const bySid = new Map<string, Set<Open>>();
  let stopLooking: (() => void) | null = null;
  let isClosed = false;
  let opened = 0;

  const forget = (stream: Open) => {
    if (!streams.delete(stream)) return;
    const others = bySid.get(stream.sid);
    others?.delete(stream);
    if (others?.size === 0) bySid.delete(stream.sid);
    if (streams.size === 0) {
      stopLooking?.();
      stopLooking = null;
    }
    stream.onClosed(false);
  };
  const end = (stream: Open) => {
    forget(stream);
    stream.reader?.end();
  };
  const write = (stream: Open, text: string) => {
    stream.dueAt = systemClock.monotonic() + keepAlive;
    stream.reader?.send(text);
  };
  const look = async () => {
    const now = systemClock.monotonic();
    for (const stream of streams) {
      const { reader, dueAt } = stream;
      if (stream.isServerClosing()) end(stream);
      else if (now < dueAt) continue;
      else if (reader !== null && !reader.isBehind()) write(stream, ALIVE);
      else {
        forget(stream);
        reader?.drop();
      }
    }
  };
  const isFull = () => isClosed || streams.size >= limits.streams;

  return {
    isFull() {
      if (isFull() && !isClosed)
        warnOnce(
          "streams",
          () =>
            `${limits.streams} pages have a stream of news open, and no more are taken: the others ask once a minute. Set limits.streams higher where the machine allows it, or add a node.`,
        );
      return isFull();
    },
    take(sid, request) {
      const who = keyOf({ sid, address: request.address });
      const others = bySid.get(sid) ?? new Set();
      const own = [...others].filter((other) => other.who === who);
      if (isFull() || own.length >= STREAMS_EACH || others.size >= STREAMS_OF_SESSION) return null;
      const stream: Open = {
        sid,
        who,
        isServerClosing: () => request.isServerClosing(),
        reader: null,
        dueAt: systemClock.monotonic() + keepAlive,
        onClosed: () => {},
      };
      streams.add(stream);
      bySid.set(sid, others.add(stream));
      stopLooking ??= every(LOOK_INTERVAL, look);
      return {
        onClosed(listener) {
          stream.onClosed = listener;
          return true;
        },
        until: (signal) => ({
          open(reader) {
            stream.reader = reader;
            write(stream, `retry: ${FIRST_RETRY + ((opened++ * SPREAD_STEP) % SPREAD)}\n${ALIVE}`);
            const tellEnd = () => {
              if (!streams.has(stream)) return;
              write(stream, event("end"));
              end(stream);
            };
            if (signal.aborted) tellEnd();
            else signal.addEventListener("abort", tellEnd);
            return () => forget(stream);
          },
        }),
      };
    },
    changed(sid) {
      for (const stream of bySid.get(sid) ?? []) write(stream, event("changed"));
    },
    close() {
      isClosed = true;
      for (const stream of streams) end(stream);
    },
  };
}

function event(name: "end" | "changed"): string {
  return `event: ${name}\ndata: {}\n\n`;
}

/** An event, not a comment: the page must see whether the stream stands, or something holds it back. */
const ALIVE = "data: {}\n\n";
