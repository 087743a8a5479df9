/** The bytes that a person's session puts on the wire in a day at work, by the activity model of bench/scale.ts. */
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Browser } from "@playwright/test";
import { OFFICE, stretchesOf } from "../scale.js";
import { openMovedPage } from "./moved-page.js";
import { type Site, serveSite } from "./site.js";

export interface WireResult {
  readonly hours: number;
  readonly heartbeats: number;
  /** Bytes there and back, headers included: of the page with its script, and of all that follows. */
  readonly loading: number;
  readonly session: number;
  /** Of the stream of news in the same time. */
  readonly stream: number;
}

const HOUR = 3_600_000;
const STEP = 15_000;
/** A longer pause ends in a warning, and then in an end. */
const LONGEST_PAUSE = 12 * 60_000;
const KEEP_ALIVE = 20_000;

function countBytes({ server }: Site): () => number {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  return () => [...sockets].reduce((sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten, 0);
}

/** What the stream takes: its opening, and the keep-alives of so long a time, as counted in a quicker one. */
async function streamBytes(period: number): Promise<number> {
  const policy = { idle: "15m", absolute: "12h", warning: "2m", reach: "500ms", unsafeForTesting: true };
  const site = await serveSite({ policy });
  const bytes = countBytes(site);
  try {
    const [begun] = (await once(get(`${site.url}/start`), "response")) as [IncomingMessage];
    begun.resume();
    const cookie = begun.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
    const before = bytes();
    const [stream] = (await once(
      get(`${site.url}/curfew/events`, { agent: false, headers: { cookie } }),
      "response",
    )) as [IncomingMessage];
    if (stream.statusCode !== 200) throw new Error(`the stream was answered ${stream.statusCode}`);
    stream.resume();
    await once(stream, "data");
    const opening = bytes() - before;
    await once(stream, "data");
    const keepAlive = bytes() - before - opening;
    stream.destroy();
    return opening + keepAlive * (period / KEEP_ALIVE);
  } finally {
    site.close();
  }
}

/** @param hours of the day at work; the clocks are moved through it */
export async function measureWire(browser: Browser, hours: number): Promise<WireResult> {
  const stretches = stretchesOf(OFFICE, hours * HOUR, 1, LONGEST_PAUSE);
  let bytes = () => 0;
  const moved = await openMovedPage(browser, "/", {
    watch(site) {
      bytes = countBytes(site);
    },
  });
  try {
    const loading = bytes();
    for (let at = 0; at < hours * HOUR; at += STEP)
      await moved.pass(
        STEP,
        stretches.some(({ from, until }) => from < at + STEP && at < until),
      );
    return {
      hours,
      heartbeats: moved.site.accepted.heartbeats,
      loading,
      session: bytes() - loading,
      stream: await streamBytes(hours * HOUR),
    };
  } finally {
    await moved.close();
  }
}
