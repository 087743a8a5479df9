/**
 * `npx tsx test/watch/corpus/record.ts` plays the corpus into a real Chromium, by its own input, and keeps what the client reports:
 * `recorded.jsonl`, which `test/watch/recorded.test.ts` reads. The clocks of page and server are moved in step, so an hour takes minutes.
 */
import { writeFileSync } from "node:fs";
import type { CDPSession } from "@playwright/test";
import { launchChromium } from "../../../bench/browser/chromium.js";
import { openMovedPage } from "../../../bench/browser/moved-page.js";
import { type HeartbeatPayload, type InputCounts, parseHeartbeat } from "../../../src/protocol/heartbeat.js";
import { MINUTE } from "../support/records.js";
import type { Actor, Input } from "./people.js";
import { ACTORS, DENSE, type Recorded, type RecordedBeat, recordedInputs } from "./recorded.js";

/** A movement is told of once a frame, and the clocks run faster than the screen does. */
const UNLIMITED = ["--disable-frame-rate-limit", "--disable-gpu-vsync"];
/** A page's storage keeps real time, and counts as silent after a second. */
const PIECE = 900;
/** More of a kind between two reports are not counted. */
const MOST = 1_010;

const only = process.argv.slice(2);
const actors = Object.entries(ACTORS).filter(([name]) =>
  only.length === 0 ? !DENSE.includes(name) : only.includes(name),
);

const seenIn = ({ counts }: HeartbeatPayload): Partial<InputCounts> =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));

/** Plays an input as the browser's own. */
function player(devtools: CDPSession) {
  const moved = { x: 300, y: 300, at: 0 };
  const mouse = (type: "mouseMoved" | "mousePressed" | "mouseReleased" | "mouseWheel", more = {}) =>
    devtools.send("Input.dispatchMouseEvent", { type, x: moved.x, y: moved.y, ...more });
  const move = async () => {
    moved.at++;
    moved.x = 300 + (moved.at % 160);
    moved.y = 300 + (moved.at % 90);
    await mouse("mouseMoved");
  };
  const key = async (name: string, text?: string) => {
    const of = { key: name, code: name, ...(text === undefined ? {} : { text }) };
    await devtools.send("Input.dispatchKeyEvent", { type: "keyDown", ...of });
    await devtools.send("Input.dispatchKeyEvent", { type: "keyUp", ...of });
  };
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", x: number) =>
    devtools.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: type === "touchEnd" ? [] : [{ x, y: 300 }],
    });
  return {
    async pointer(count: number) {
      if (count !== 3) for (let left = count; left > 0; left--) await move();
      else {
        await mouse("mousePressed", { button: "left", clickCount: 1 });
        await mouse("mouseReleased", { button: "left", clickCount: 1 });
      }
    },
    async key(count: number) {
      if (count === 3) await key("a", "a");
      else for (let left = count; left > 0; left--) await key("Shift");
    },
    async wheel(count: number) {
      for (let left = count; left > 0; left--) await mouse("mouseWheel", { deltaX: 0, deltaY: 1 });
    },
    async touch(count: number) {
      await touch("touchStart", 300);
      for (let left = count - 1; left > 0; left--) await touch("touchMove", 300 + 3 * left);
      await touch("touchEnd", 300);
    },
  };
}

/** As the client keeps them between two reports: what is more of a kind is not counted. */
function* countable(inputs: readonly Input[]): Iterable<Input> {
  let minute = 0;
  let counts: Record<string, number> = {};
  for (const input of inputs) {
    const now = Math.floor(input.at / MINUTE);
    if (now !== minute) counts = {};
    minute = now;
    const known = counts[input.kind] ?? 0;
    counts[input.kind] = known + input.count;
    yield { ...input, count: Math.max(1, Math.min(input.count, MOST - known)) };
  }
}

async function record(name: string, actor: Actor): Promise<Recorded> {
  const inputs = recordedInputs(actor);
  const isTouched = inputs.some(({ kind }) => kind === "touch");
  const beats: RecordedBeat[] = [];
  let startedAt = Number.NaN;
  const moved = await openMovedPage(browser, "/", {
    hasTouch: isTouched,
    onRecord({ type, at, lastActiveAt, intent, heartbeat }) {
      if (type !== "session_renewed" || heartbeat === undefined || intent === undefined) return;
      const since = (instant: string) => Date.parse(instant) - startedAt;
      beats.push({
        at: since(at),
        lastActiveAt: since(lastActiveAt ?? at),
        intent,
        counts: seenIn(parseHeartbeat(heartbeat).payload),
      });
    },
  });
  const { page, clock } = moved;
  await page.evaluate(() => {
    const field = document.body.appendChild(document.createElement("textarea"));
    field.style.cssText = "position: fixed; inset: 0; width: 100%; height: 100%";
    field.focus();
  });
  startedAt = clock.now();
  const play = player(await page.context().newCDPSession(page));
  for (const { at, kind, count } of countable(inputs)) {
    const wait = startedAt + at - clock.now();
    if (wait >= 1) await moved.pass(Math.floor(wait), false, PIECE);
    // A finger is a pointer too, which the browser tells of by itself.
    if (kind === "key" || kind === "wheel" || kind === "touch") await play[kind](count);
    else if (kind === "pointer" && !isTouched) await play.pointer(count);
  }
  await moved.pass(2 * MINUTE, false, PIECE);
  await moved.close();
  console.info(`${name}: ${inputs.length} inputs, ${beats.length} reports`);
  return { name, beats };
}

const browser = await launchChromium(UNLIMITED);
const recorded = await Promise.all(actors.map(([name, actor]) => record(name, actor)));
await browser.close();
recorded.sort((a, b) => (a.name < b.name ? -1 : 1));
if (only.length === 0)
  writeFileSync(
    new URL("recorded.jsonl", import.meta.url),
    recorded.map((one) => `${JSON.stringify(one)}\n`).join(""),
  );
else console.info(JSON.stringify(recorded));
