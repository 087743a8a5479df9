import type { CDPSession, Page } from "@playwright/test";
import { expect, paced, statusOf, wait } from "./fixtures.js";
import { countsIn, enter, heardOf, nothingCounts, ROOMY, test } from "./support/activity-app.js";

// By the browser's own protocol: WebDriver BiDi has no pen, no composition and no held key.
const TAG = { tag: "@chromium" };
const FIELD = '<input id="field" style="position: fixed; left: 20px; top: 20px; width: 300px; height: 40px">';

const protocolOf = (page: Page): Promise<CDPSession> => page.context().newCDPSession(page);

test("a purely horizontal and a purely vertical movement count", async ({ page, openApp }) => {
  const app = await openApp({ policy: ROOMY });
  await enter(page, app);
  await page.mouse.move(100, 100);
  await wait(paced(500));
  const sidewaysAt = Date.now();
  await page.mouse.move(101, 100);
  await heardOf(page, sidewaysAt);
  await wait(paced(500));
  const upAt = Date.now();
  await page.mouse.move(101, 99);
  await heardOf(page, upAt);
});

test("a pointer that is moved to where it already is does not count", async ({ page, openApp }) => {
  const app = await openApp({ policy: ROOMY });
  await enter(page, app);
  await page.mouse.move(100, 100);
  await page.mouse.move(110, 100);
  await wait(paced(500));
  for (let step = 0; step < 10; step++) await page.mouse.move(110, 100);
  await nothingCounts(page, 800);
});

interface Way {
  readonly kind: string;
  readonly body?: string;
  /** What has to be done first, and is over before the input itself. */
  readonly before?: (page: Page) => Promise<unknown>;
  readonly input: (page: Page, protocol: CDPSession) => Promise<unknown>;
  /** The only kinds that may have been counted. */
  readonly alone?: boolean;
}

const clickIn = (page: Page) => page.mouse.click(40, 40);
const key = (type: "keyDown" | "keyUp" | "char", name: string, more = {}) => ({ type, key: name, ...more });

const WAYS: Readonly<Record<string, Way>> = {
  "a composition by an input method": {
    kind: "key",
    body: FIELD,
    before: clickIn,
    input: (_page, protocol) =>
      protocol.send("Input.imeSetComposition", { text: "に", selectionStart: 1, selectionEnd: 1 }),
    alone: true,
  },
  "text from an emoji picker or by dictation": {
    kind: "key",
    body: FIELD,
    before: clickIn,
    input: (_page, protocol) => protocol.send("Input.insertText", { text: "🙂" }),
    alone: true,
  },
  "a finger": {
    kind: "touch",
    async input(_page, protocol) {
      await protocol.send("Input.dispatchTouchEvent", {
        type: "touchStart",
        touchPoints: [{ x: 200, y: 200 }],
      });
      await protocol.send("Input.dispatchTouchEvent", {
        type: "touchMove",
        touchPoints: [{ x: 200, y: 260 }],
      });
      await protocol.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    },
  },
  "a pen": {
    kind: "pointer",
    async input(_page, protocol) {
      const pen = { pointerType: "pen", button: "left", x: 200, y: 200 } as const;
      await protocol.send("Input.dispatchMouseEvent", { type: "mousePressed", ...pen });
      await protocol.send("Input.dispatchMouseEvent", { type: "mouseReleased", ...pen });
    },
    alone: true,
  },
  "a pen that hovers": {
    kind: "pointer",
    before: (page) => page.mouse.move(200, 200),
    input: (_page, protocol) =>
      protocol.send("Input.dispatchMouseEvent", { type: "mouseMoved", pointerType: "pen", x: 230, y: 200 }),
    alone: true,
  },
  "the wheel": {
    kind: "wheel",
    before: (page) => page.mouse.move(200, 200),
    input: (page) => page.mouse.wheel(0, 100),
    alone: true,
  },
  // What a screen reader or a voice control sets off: a trusted click that no pointer and no key has led to.
  "a click without pointer and key": {
    kind: "pointer",
    body: '<button style="position: fixed; left: 20px; top: 20px; width: 300px; height: 40px">go</button>',
    before: clickIn,
    input: (_page, protocol) => protocol.send("Input.dispatchKeyEvent", key("char", "Enter", { text: "\r" })),
    alone: true,
  },
  "something dropped": {
    kind: "other",
    body: FIELD,
    async input(_page, protocol) {
      const data = { items: [{ mimeType: "text/plain", data: "dropped" }], dragOperationsMask: 1 };
      for (const type of ["dragEnter", "dragOver", "drop"] as const)
        await protocol.send("Input.dispatchDragEvent", { type, x: 60, y: 40, data });
    },
  },
  "something pasted": {
    kind: "other",
    body: FIELD.replace(">", ' value="words">'),
    async before(page) {
      await clickIn(page);
      await page.keyboard.press("Control+a");
      await page.keyboard.press("Control+c");
    },
    input: (page) => page.keyboard.press("Control+v"),
  },
};

for (const [name, { kind, body = "", before, input, alone = false }] of Object.entries(WAYS)) {
  test(`${name} counts`, TAG, async ({ page, openApp }) => {
    const app = await openApp({ policy: ROOMY, body });
    await enter(page, app);
    const protocol = await protocolOf(page);
    await before?.(page);
    await wait(paced(700));
    const from = app.audit.length;
    const at = Date.now();
    await input(page, protocol);
    await heardOf(page, at);
    await expect.poll(() => countsIn(app, from)[kind]).toBeGreaterThan(0);
    if (alone) expect(Object.keys(countsIn(app, from))).toEqual([kind]);
  });
}

test("a key that is held down keeps an 8 s session alive for 12 s", TAG, async ({ page, openApp }) => {
  const app = await openApp({ policy: { ...ROOMY, idle: "8s", warning: "1s" }, body: FIELD });
  const { sid } = await enter(page, app);
  const protocol = await protocolOf(page);
  await clickIn(page);
  // A key that is held for over half a minute lies under a book, on a slow machine too.
  const heldUntil = Date.now() + Math.min(paced(12_000), 25_000);
  const letter = key("keyDown", "a", { code: "KeyA", text: "a", windowsVirtualKeyCode: 65 });
  await protocol.send("Input.dispatchKeyEvent", letter);
  while (Date.now() < heldUntil) {
    await protocol.send("Input.dispatchKeyEvent", { ...letter, autoRepeat: true });
    await wait(paced(100));
  }
  await heardOf(page, heldUntil - paced(2_000));
  expect(await statusOf(page)).toMatchObject({ status: "active", sid });
});
