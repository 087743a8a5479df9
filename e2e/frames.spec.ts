import type { Page } from "@playwright/test";
import { expect, paced, statusOf, wait } from "./fixtures.js";
import { enter, heardOf, nothingCounts, QUICK, ROOMY, test } from "./support/activity-app.js";

// In Chromium alone: Firefox, driven by the test tool, gives the pointer events of such a frame to the page around it.
const TAG = { tag: "@chromium" };
const FRAME = '<iframe src="FOREIGN/frame" style="width: 300px; height: 120px"></iframe>';
const FIELD = '<!doctype html><input id="field" autofocus style="width: 200px; height: 40px">';

/** A person's press on the page itself, and nothing after it. */
async function rest(page: Page): Promise<number> {
  await page.mouse.move(500, 300);
  await page.mouse.move(510, 300);
  const at = Date.now();
  await heardOf(page, at);
  return at;
}

test(
  "a click into a frame of another origin counts, though nothing in it is heard",
  TAG,
  async ({ page, openApp }) => {
    const app = await openApp({
      policy: ROOMY,
      body: FRAME,
      foreign: { "/frame": FIELD.replace(" autofocus", "") },
    });
    await enter(page, app);
    await rest(page);
    await wait(paced(500));
    const clickedAt = Date.now();
    await page.mouse.click(60, 40);
    await heardOf(page, clickedAt);
  },
);

test(
  "typing in a frame of another origin counts every 4 s, and never later than it was",
  TAG,
  async ({ page, openApp }) => {
    const app = await openApp({ policy: ROOMY, body: FRAME, foreign: { "/frame": FIELD } });
    await enter(page, app);
    await page.mouse.click(60, 40);
    const clickedAt = Date.now();
    let typedAt = 0;
    while (Date.now() < clickedAt + paced(8_500)) {
      typedAt = Date.now();
      await page.keyboard.press("a");
      await wait(paced(300));
    }
    await heardOf(page, clickedAt + paced(3_500));
    expect((await statusOf(page)).lastActiveAt).toBeLessThanOrEqual(typedAt + paced(100));
    await wait(paced(9_000));
    expect((await statusOf(page)).lastActiveAt).toBeLessThanOrEqual(typedAt + paced(1_100));
  },
);

const HOSTILE: Readonly<Record<string, string>> = {
  "focuses itself": `setTimeout(() => field.focus(), 1500)`,
  "focuses itself and the page in turn": `setInterval(() => { field.focus(); setTimeout(() => parent.focus(), 60); }, 120)`,
  "makes events and messages of its own": `setInterval(() => {
    field.focus();
    for (const type of ["keydown", "pointerdown", "click", "input"]) field.dispatchEvent(new Event(type, { bubbles: true }));
    parent.postMessage({ type: "curfew:input", kind: "key", age: 0 }, "*");
  }, 100)`,
};

for (const [name, script] of Object.entries(HOSTILE)) {
  test(`a frame of another origin that ${name} extends nothing`, TAG, async ({ page, openApp }) => {
    const app = await openApp({
      policy: QUICK,
      body: FRAME,
      foreign: { "/frame": `${FIELD.replace(" autofocus", "")}<script>${script}</script>` },
    });
    await enter(page, app);
    const at = await rest(page);
    await expect.poll(() => statusOf(page)).toMatchObject({ reason: "idle" });
    const { endedAt = 0 } = await statusOf(page);
    expect(endedAt).toBeLessThanOrEqual(at + paced(4_100));
  });
}

test(
  "a frame that takes the focus right after a key on the page gains nothing by it",
  TAG,
  async ({ page, openApp }) => {
    const app = await openApp({
      policy: ROOMY,
      body: `${FRAME}<input id="own" style="position: fixed; left: 400px; top: 200px">`,
      foreign: {
        "/frame": `${FIELD.replace(" autofocus", "")}<script>setInterval(() => { field.focus(); setTimeout(() => parent.focus(), 200); }, 900)</script>`,
      },
    });
    await enter(page, app);
    await page.mouse.click(450, 210);
    const pressedAt = Date.now();
    await wait(paced(8_000));
    const { lastActiveAt } = await statusOf(page);
    expect(lastActiveAt).toBeLessThanOrEqual(pressedAt + paced(100));
  },
);

/** The frame's page, told by its address who shows it. */
const REPORTING = `${FIELD}<script>
  const script = document.createElement("script");
  script.src = "/curfew-frame.js";
  script.dataset.parent = new URLSearchParams(location.search).get("parent");
  document.head.append(script);
</script>`;
const reportingFrame = (parent: string) =>
  `<script>document.write('<iframe src="FOREIGN/frame?parent=' + encodeURIComponent(${parent}) + '" style="width: 300px; height: 120px"></iframe>')</script>`;
const listed = (foreign: string) => `data-frames="https://other.example ${foreign}"`;

test(
  "a listed frame with curfew/frame keeps a 4 s session alive while a person types in it",
  TAG,
  async ({ page, openApp }) => {
    const app = await openApp({
      policy: QUICK,
      body: reportingFrame("location.origin"),
      script: listed,
      foreign: { "/frame": REPORTING },
    });
    const { sid } = await enter(page, app);
    await page.mouse.click(60, 40);
    const end = Date.now() + paced(8_000);
    let typedAt = 0;
    while (Date.now() < end) {
      typedAt = Date.now();
      await page.keyboard.press("a");
      await wait(paced(400));
    }
    await heardOf(page, typedAt);
    const { status, lastActiveAt, sid: now } = await statusOf(page);
    expect([status, now]).toEqual(["active", sid]);
    expect(lastActiveAt).toBeLessThanOrEqual(typedAt + paced(100));
  },
);

test("a mouse that only moves over a listed frame counts", TAG, async ({ page, openApp }) => {
  const app = await openApp({
    body: reportingFrame("location.origin"),
    script: listed,
    foreign: { "/frame": REPORTING },
  });
  await enter(page, app);
  await page.mouse.move(60, 40);
  await wait(paced(1_500));
  const movedAt = Date.now();
  await page.mouse.move(70, 40);
  await heardOf(page, movedAt);
});

test("a listed frame within a frame of the page's own counts", TAG, async ({ page, openApp }) => {
  const app = await openApp({
    body: '<iframe src="/outer" style="width: 400px; height: 300px"></iframe>',
    script: listed,
    pages: { "/outer": `<!doctype html><body>${reportingFrame("location.origin")}` },
    foreign: { "/frame": REPORTING },
  });
  await enter(page, app);
  await page.mouse.move(80, 60);
  await wait(paced(1_500));
  const movedAt = Date.now();
  await page.mouse.move(90, 60);
  await heardOf(page, movedAt);
});

const UNHEARD: Readonly<
  Record<string, { readonly parent: string; readonly script: (foreign: string) => string }>
> = {
  "that no client lists": { parent: "location.origin", script: () => "" },
  "of an origin that only begins like a listed one": {
    parent: "location.origin",
    script: () => 'data-frames="http://localhost http://localhost:1"',
  },
  "that speaks to another page than this": { parent: '"https://other.example"', script: listed },
};

for (const [name, { parent, script }] of Object.entries(UNHEARD)) {
  test(`a reporting frame ${name} changes nothing`, TAG, async ({ page, openApp }) => {
    const app = await openApp({
      policy: ROOMY,
      body: reportingFrame(parent),
      script,
      foreign: { "/frame": REPORTING },
    });
    await enter(page, app);
    await page.mouse.move(60, 40);
    await wait(paced(300));
    for (let step = 0; step < 20; step++) await page.mouse.move(61 + step, 40);
    await nothingCounts(page, 800);
  });
}

const GOOD = '{ type: "curfew:input", kind: "key", age: 0 }';
/** What a frame of a listed origin may post besides the truth; each all the time. */
const FORGED: Readonly<Record<string, string>> = {
  "messages that are none": `for (const data of [null, 0, "", "curfew:input", [], {}, { type: "curfew:input" }, new Date(), new Map(),
    { type: "curfew:input", kind: "key" }, { type: "curfew:input", age: 0 }, { type: "curfew:input", kind: "constructor", age: 0 },
    { type: "curfew:input", kind: ["key"], age: 0 }, { type: "curfew", kind: "key", age: 0 }]) parent.postMessage(data, "*");`,
  "ages that are none": `for (const age of [NaN, Infinity, -Infinity, -1, -1e9, -0.001, 10_001, 1e300, "0", [0], null, undefined, true, new Date(0), 0n])
    parent.postMessage({ type: "curfew:input", kind: "key", age }, "*");`,
};

for (const [name, script] of Object.entries(FORGED)) {
  test(`a listed frame that posts ${name} changes nothing`, TAG, async ({ page, openApp }) => {
    const errors: Error[] = [];
    page.on("pageerror", (error) => errors.push(error));
    const app = await openApp({
      policy: ROOMY,
      body: FRAME,
      script: listed,
      foreign: { "/frame": `<script>setInterval(() => { ${script} }, 50)</script>` },
    });
    await enter(page, app);
    await nothingCounts(page, 1_500);
    expect(errors).toEqual([]);
  });
}

test(
  "a true message counts only from a frame of this page, and only as the browser delivers it",
  TAG,
  async ({ page, openApp }) => {
    const app = await openApp({
      policy: ROOMY,
      body: `<iframe src="FOREIGN/quiet"></iframe><iframe src="http://middle.example/"></iframe><button id="open" style="position: fixed; left: 0; top: 300px">open</button><script>
      document.getElementById("open").onclick = () => window.open("FOREIGN/popup");
      setInterval(() => {
        const source = frames[0], origin = "FOREIGN", data = ${GOOD};
        dispatchEvent(new MessageEvent("message", { source, origin, data }));
        postMessage(data, "*");
      }, 50);
    </script>`,
      script: listed,
      foreign: {
        "/quiet": "",
        "/popup": `<script>setInterval(() => { opener.postMessage(${GOOD}, "*"); opener.opened = 1 }, 50)</script>`,
      },
    });
    // A third site in between, which shows a page of the listed one and gives it the way to the top.
    await page.route("http://middle.example/", (route) =>
      route.fulfill({
        contentType: "text/html",
        body: `<iframe src="${app.foreign}/inner"></iframe>`,
      }),
    );
    await page.route("**/inner", (route) =>
      route.fulfill({
        contentType: "text/html",
        body: `<script>setInterval(() => top.postMessage(${GOOD}, "*"), 50)</script>`,
      }),
    );
    await enter(page, app);
    const [popup] = await Promise.all([page.waitForEvent("popup"), page.mouse.click(20, 310)]);
    await popup.waitForLoadState();
    await wait(paced(500));
    await nothingCounts(page, 1_500);
  },
);

test(
  "a flood from a listed frame sends no more heartbeats than the policy asks for",
  TAG,
  async ({ page, openApp }) => {
    const app = await openApp({
      policy: { ...ROOMY, heartbeat: "1s" },
      body: FRAME,
      script: listed,
      foreign: {
        "/frame": `<script>setInterval(() => { for (let i = 0; i < 200; i++) parent.postMessage(${GOOD}, "*") }, 10)</script>`,
      },
    });
    const enteredAt = Date.now();
    await enter(page, app);
    await wait(paced(4_000));
    const heartbeats = app.calls.filter((call) => call === "POST /curfew/heartbeat").length;
    expect(heartbeats).toBeGreaterThan(1);
    expect(heartbeats).toBeLessThanOrEqual(1 + (Date.now() - enteredAt) / paced(1_000));
  },
);

test(
  "a listed origin that is none is named in the console once, and the client starts",
  TAG,
  async ({ page, openApp }) => {
    const errors: string[] = [];
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    const app = await openApp({ script: () => 'data-frames="https://forms.example/"' });
    await page.goto(app.url);
    await expect
      .poll(() => errors.filter((text) => text.includes("data-frames")))
      .toEqual([expect.stringContaining('says "https://forms.example/"')]);
    await expect
      .poll(() => page.evaluate(() => Reflect.get(globalThis, "Curfew").session.state.status))
      .toBe("absent");
  },
);
