/** The channel between tabs itself: what arrives, whoever posts. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openTabGroup, type TabGroup, type TabMessage } from "../../src/browser/tabs/group.js";

const ABSENT = { type: "absent" } as const;

let heard: TabMessage[];
let one: TabGroup;
let other: TabGroup;
let name: string;
let count = 0;

beforeEach(() => {
  heard = [];
  name = `app-${++count}`;
  one = openTabGroup(name, (message) => heard.push(message));
  other = openTabGroup(name, () => {});
});
afterEach(() => {
  one.close();
  other.close();
});

test("passes over what is no message of its own, without an error", async () => {
  const errors: unknown[] = [];
  const note = (error: unknown) => errors.push(error);
  process.on("uncaughtException", note);
  const channel = new BroadcastChannel(`curfew:${name}`);
  for (const garbage of [
    null,
    7,
    "ended",
    [],
    {},
    { type: "unknown", time: 9e15 },
    { type: "message", time: 9e15 },
  ])
    channel.postMessage(garbage);
  other.post(ABSENT);
  await vi.waitFor(() => expect(heard).toEqual([ABSENT]));
  channel.close();
  process.off("uncaughtException", note);
  expect(errors).toEqual([]);
});

test("hears nothing of another app, nor after it has left", async () => {
  const elsewhere = openTabGroup(`${name}-other`, (message) => heard.push(message));
  one.close();
  const last = new Promise<TabMessage>((resolve) => {
    one = openTabGroup(name, resolve);
  });
  other.post(ABSENT);
  expect(await last).toEqual(ABSENT);
  expect(heard).toEqual([]);
  elsewhere.close();
});

test("stays alone where the browser has no channel, and leaves twice without an error", () => {
  vi.stubGlobal("BroadcastChannel", undefined);
  const alone = openTabGroup(name, () => {});
  alone.post(ABSENT);
  alone.close();
  alone.close();
  vi.unstubAllGlobals();
});
