// @vitest-environment happy-dom
// The element over a fake client: what opens, what it says, and that only the client's state closes it.
import { within } from "@testing-library/dom";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { attachWarning } from "../../src/warning/attach-warning.js";
import type { WarningOptions } from "../../src/warning/curfew-warning.js";
import { absoluteState, createFakeSession, EXPIRES_AT, type FakeSession, liveState } from "./fake-session.js";

const ACTIVE = liveState({ status: "active" });
/** The guard against answers that were meant for the page. */
const GUARD_PERIOD = 601;

let session: FakeSession;
let detach: () => void;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  session = createFakeSession();
  // A press of `click()` stands for a person's.
  Object.defineProperty(navigator, "userActivation", { configurable: true, value: { isActive: true } });
  document.body.innerHTML = '<main><input id="field" value="half a thought"></main>';
});

afterEach(() => {
  detach();
  vi.useRealTimers();
});

function attach(options: WarningOptions = {}): void {
  detach = attachWarning(session, options);
}

function host(): HTMLElement {
  const element = document.querySelector("curfew-warning");
  if (element === null) throw new Error("there is no warning");
  return element;
}

function part(selector: string): HTMLElement {
  const found = host().shadowRoot?.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`the warning has no ${selector}`);
  return found;
}

const dialog = () => part("dialog") as HTMLDialogElement;
const text = (name: string) => part(`[part=${name}]`).textContent;
const card = () => within(part("h2").parentElement ?? host());
const press = (name: string) => card().getByText(name).click();
const spoken = () => ({ status: text("live"), alert: part("[part=live][role=alert]").textContent });

/** Time passes for the client and the element alike. */
function pass(milliseconds: number): void {
  for (let left = milliseconds; left > 0; left -= 250) {
    session.leave(Math.max(0, (session.remaining() ?? 0) - Math.min(left, 250)));
    vi.advanceTimersByTime(Math.min(left, 250));
  }
}

function warn(remaining = 120_000): void {
  session.become(liveState(), remaining);
  pass(GUARD_PERIOD);
}

function pressEscape(): Event {
  const event = new Event("cancel", { cancelable: true });
  dialog().dispatchEvent(event);
  return event;
}

test("asks the engine for no language and no format before there is a time to say", () => {
  const asked: unknown[] = [];
  const watched = new Proxy(Intl, {
    get(target, name) {
      asked.push(name);
      return Reflect.get(target, name);
    },
  });
  vi.stubGlobal("Intl", watched);
  attach({ locale: "en" });
  session.become(ACTIVE, 300_000);
  pass(1_000);
  expect(asked).toEqual([]);
  warn();
  expect(asked).toContain("Locale");
  vi.unstubAllGlobals();
});

test("the card is built when there is something to show, and once; the styles are there before", () => {
  attach();
  session.become(ACTIVE, 300_000);
  expect(host().shadowRoot?.childElementCount).toBe(0);
  expect(host().shadowRoot?.adoptedStyleSheets).toHaveLength(1);
  session.become(liveState(), 120_000);
  const built = dialog();
  session.become(ACTIVE, 300_000);
  session.become(liveState(), 120_000);
  expect(dialog()).toBe(built);
});

test("a kind that saved markup still has is none", () => {
  connect('<curfew-warning kind="ended"></curfew-warning>');
  expect(host().hasAttribute("kind")).toBe(false);
});

test("opens when the client warns, and names the time of day", () => {
  attach({ locale: "en-GB" });
  session.become(ACTIVE, 300_000);
  session.become(liveState(), 120_000);
  expect(dialog().open).toBe(true);
  expect(host().getAttribute("kind")).toBe("idle");
  expect(text("title")).toBe("You will be signed out soon");
  const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" }).format(EXPIRES_AT);
  expect(text("message")).toBe(`For your security, we will sign you out at ${clock}.`);
  expect(text("countdown")).toBe("Time left: 2 minutes");
});

test("is a child of <html>, one a document, and goes when the last one lets go", () => {
  attach();
  const again = attachWarning(createFakeSession());
  expect(document.querySelectorAll("curfew-warning")).toHaveLength(1);
  expect(host().parentElement).toBe(document.documentElement);
  again();
  session.become(liveState(), 100_000);
  expect(dialog().open).toBe(true);
  detach();
  expect(document.querySelector("curfew-warning")).toBeNull();
});

test("comes back where a page takes it away", () => {
  attach();
  warn();
  host().remove();
  vi.advanceTimersByTime(1);
  expect(host().parentElement).toBe(document.documentElement);
  expect(dialog().open).toBe(true);
});

test("takes the focus to the answer and gives it back with the selection", async () => {
  attach();
  const field = document.getElementById("field") as HTMLInputElement;
  field.focus();
  field.setSelectionRange(2, 6);
  warn();
  expect(host().shadowRoot?.activeElement).toBe(part("[part=primary]"));
  field.setSelectionRange(0, 0);
  session.become(ACTIVE, 900_000);
  expect(document.activeElement).toBe(field);
  expect([field.selectionStart, field.selectionEnd]).toEqual([2, 6]);
});

test("waits for the server before it closes", async () => {
  attach();
  warn();
  press("Stay signed in");
  expect(session.calls).toEqual(["extend"]);
  expect(card().getByText("Checking…").getAttribute("aria-disabled")).toBe("true");
  card().getByText("Checking…").click();
  expect(session.calls).toEqual(["extend"]);
  expect(dialog().open).toBe(true);
  await session.answer(ACTIVE);
  expect(dialog().open).toBe(false);
});

test("stays open when the server refuses, says so as an alert, keeps the focus and takes another try", async () => {
  attach();
  warn();
  press("Stay signed in");
  await session.refuse();
  expect(dialog().open).toBe(true);
  const error = part("[part=error]");
  expect(error.getAttribute("role")).toBe("alert");
  expect(error.textContent).toBe("We could not keep you signed in. Try again.");
  expect(host().shadowRoot?.activeElement).toBe(part("[part=primary]"));
  press("Stay signed in");
  expect(error.textContent).toBe("");
  await session.answer(ACTIVE);
  expect(dialog().open).toBe(false);
});

test("turns into the end when that is the server's answer", async () => {
  attach();
  warn();
  press("Stay signed in");
  await session.answer({ status: "ended", reason: "idle", endedAt: EXPIRES_AT });
  expect(dialog().open).toBe(true);
  expect(host().getAttribute("kind")).toBe("ended");
  expect(text("title")).toBe("We signed you out");
  expect(host().shadowRoot?.activeElement).toBe(part("h2"));
  const link = card().getByText("Sign in again in a new tab");
  expect(link.getAttribute("href")).toBe(`${location.origin}/login`);
  expect(part("[part=primary]").hidden).toBe(true);
});

test("leads by the provider, where its session is to end too", async () => {
  Object.assign(session, { endUrl: "/curfew/idp/end" });
  attach();
  session.become({ status: "ended", reason: "idle", endedAt: EXPIRES_AT });
  const link = card().getByText("Sign in again in a new tab");
  expect(link.getAttribute("href")).toBe(`${location.origin}/curfew/idp/end`);
});

test("Escape means Stay signed in and never closes by itself", async () => {
  attach();
  warn();
  expect(pressEscape().defaultPrevented).toBe(true);
  expect(session.calls).toEqual(["extend"]);
  expect(dialog().open).toBe(true);
  await session.answer(ACTIVE);
  expect(dialog().open).toBe(false);
});

test("Escape does nothing once the end has come", () => {
  attach();
  session.become({ status: "ended", reason: "absolute", endedAt: EXPIRES_AT }, null);
  pass(GUARD_PERIOD);
  expect(pressEscape().defaultPrevented).toBe(true);
  expect(session.calls).toEqual([]);
  expect(dialog().open).toBe(true);
});

test("opens again when something else closes it", () => {
  attach();
  warn();
  dialog().close();
  expect(dialog().open).toBe(true);
});

test("takes no answer within 600 ms of opening, nor from a key held down", () => {
  attach();
  session.become(liveState(), 120_000);
  press("Stay signed in");
  pressEscape();
  expect(session.calls).toEqual([]);
  pass(GUARD_PERIOD);
  const held = new KeyboardEvent("keydown", {
    key: "Enter",
    repeat: true,
    bubbles: true,
    composed: true,
    cancelable: true,
  });
  part("[part=primary]").dispatchEvent(held);
  expect(held.defaultPrevented).toBe(true);
});

test("does not open under typing fingers, but after 10 s it opens all the same", () => {
  attach();
  const type = () => dispatchEvent(new KeyboardEvent("keydown", { key: "a" }));
  type();
  session.become(liveState(), 120_000);
  expect(dialog().open).toBe(false);
  pass(1750);
  expect(dialog().open).toBe(true);
  session.become(ACTIVE, 900_000);
  type();
  session.become(liveState(), 120_000);
  for (let second = 0; second < 9; second++) {
    pass(1000);
    type();
    expect(dialog().open).toBe(false);
  }
  pass(1250);
  expect(dialog().open).toBe(true);
});

test("does not wait for typing when 40 s or less are left", () => {
  attach();
  dispatchEvent(new KeyboardEvent("keydown", { key: "a" }));
  session.become(liveState(), 40_000);
  expect(dialog().open).toBe(true);
});

test("closes by itself when another tab has answered, and says so outside the dialog", () => {
  attach();
  warn();
  session.become(ACTIVE, 900_000);
  expect(dialog().open).toBe(false);
  const afterwards = host().shadowRoot?.lastElementChild;
  expect(afterwards?.getAttribute("role")).toBe("status");
  expect(afterwards?.textContent).toBe("");
  vi.advanceTimersByTime(500);
  expect(afterwards?.textContent).toBe("You are still signed in.");
});

test("signs out on request, and says when that fails", async () => {
  attach();
  warn();
  press("Sign out now");
  expect(session.calls).toEqual(["end"]);
  await session.refuse();
  expect(text("error")).toBe("We could not sign you out. Try again.");
  press("Sign out now");
  await session.answer({ status: "ended", reason: "signed-out", endedAt: 0 });
  expect(text("title")).toBe("You are signed out");
});

test("says that the service cannot be reached, and that the person is offline only where the browser is", () => {
  attach();
  session.become(liveState({ reachable: false }), 60_000);
  expect(text("error")).toBe("We cannot reach this service right now. We will try again.");
  const online = vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
  window.dispatchEvent(new Event("offline"));
  expect(text("error")).toBe("You are offline. We will try again.");
  online.mockRestore();
  window.dispatchEvent(new Event("online"));
  expect(text("error")).toBe("We cannot reach this service right now. We will try again.");
});

test("speaks at 1 min and at 30 s, each once, and not in the last 20 s", () => {
  attach();
  session.become(liveState(), 120_000);
  const log: string[] = [];
  for (let step = 0; step < 480; step++) {
    const before = spoken();
    pass(250);
    const after = spoken();
    if (after.status !== before.status) log.push(`${session.remaining()} status: ${after.status}`);
    if (after.alert !== before.alert) log.push(`${session.remaining()} alert: ${after.alert}`);
  }
  expect(log).toEqual([
    "60000 status: 1 minute left. Press the Esc key to stay signed in.",
    "30000 alert: 30 seconds left. Press the Esc key to stay signed in.",
  ]);
});

test("ticks: every second in the last minute, calm on request, not at all on request", () => {
  attach();
  session.become(liveState(), 60_000);
  pass(1500);
  expect(text("countdown")).toBe("Time left: 58 seconds");
  detach();
  attach({ countdown: "calm" });
  expect(text("countdown")).toBe("Time left: 50 seconds");
  detach();
  attach({ countdown: "none" });
  expect(part("[part=countdown]").hidden).toBe(true);
});

test("runs no clock while the page is hidden, only the title's next rung, and shows the true time when it is back", () => {
  attach();
  session.become(liveState(), 120_000);
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(vi.getTimerCount()).toBe(1);
  session.leave(45_000);
  vi.advanceTimersByTime(75_000);
  hidden.mockReturnValue(false);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(text("countdown")).toBe("Time left: 45 seconds");
  expect(spoken()).toEqual({ status: "40 seconds left. Press the Esc key to stay signed in.", alert: "" });
  hidden.mockRestore();
});

test("tells of the absolute limit without taking the focus, and by a modal from 30 s on", () => {
  attach();
  const field = document.getElementById("field") as HTMLInputElement;
  field.focus();
  session.become(absoluteState(), 120_000);
  expect(host().getAttribute("kind")).toBe("absolute");
  expect(part("section").hidden).toBe(false);
  expect(dialog().open).toBe(false);
  expect(document.activeElement).toBe(field);
  expect(card().queryByText("Stay signed in")).toBeNull();
  expect(card().getByText("Sign in again in a new tab").getAttribute("href")).toBe(
    `${location.origin}/login`,
  );
  pass(1250);
  expect(spoken().status).toBe("2 minutes left. Then you must sign in again.");
  pass(89_000);
  expect(dialog().open).toBe(true);
  expect(part("section").hidden).toBe(true);
});

test("a closed notice comes back at one minute", () => {
  attach();
  session.become(absoluteState(), 120_000);
  pass(GUARD_PERIOD);
  press("Close");
  expect(part("section").hidden).toBe(true);
  pass(58_000);
  expect(part("section").hidden).toBe(true);
  pass(2000);
  expect(part("section").hidden).toBe(false);
});

test("offers no extension that would not move the deadline", () => {
  attach();
  session.become(liveState({ canExtend: false }), 20_000);
  expect(host().getAttribute("kind")).toBe("absolute");
});

test("covers the page while nobody knows, and asks again on request", () => {
  attach();
  session.become(liveState({ status: "unconfirmed" }), 0);
  pass(500);
  expect(text("title")).toBe("Checking…");
  session.become(liveState({ status: "unconfirmed", reachable: false }), 0);
  expect(host().getAttribute("kind")).toBe("unconfirmed");
  expect(text("title")).toBe("We cannot check whether you are signed in");
  pass(GUARD_PERIOD);
  press("Check again");
  expect(session.calls).toEqual(["refresh"]);
  expect(dialog().open).toBe(true);
});

test.each([
  ["idle", "We signed you out", /did not use/, "_blank"],
  ["absolute", "We signed you out", /everyone must sign in again/, "_blank"],
  ["signed-out", "You are signed out", /You signed out/, "_self"],
  ["revoked", "We signed you out", /looks after this service/, "_self"],
  ["replaced", "You are signed out", /new sign-in/, "_self"],
] as const)("says why it ended: %s", (reason, title, why, target) => {
  attach();
  session.become({ status: "ended", reason, endedAt: 0 }, null);
  expect(text("title")).toBe(title);
  expect(text("message")).toMatch(why);
  expect(
    card()
      .getByText(/^Sign in again/, { selector: "a" })
      .getAttribute("target"),
  ).toBe(target);
});

test("passes before-end on as a DOM event, and tells of an extension", async () => {
  attach();
  const told: unknown[] = [];
  const listen = (event: Event) => told.push([event.type, (event as CustomEvent).detail]);
  for (const type of ["curfew-before-end", "curfew-extended"]) document.addEventListener(type, listen);
  const waitUntil = () => {};
  session.emit("before-end", { phase: "soon", waitUntil });
  warn();
  press("Stay signed in");
  await session.answer(ACTIVE);
  for (const type of ["curfew-before-end", "curfew-extended"]) document.removeEventListener(type, listen);
  expect(told).toEqual([
    ["curfew-before-end", { phase: "soon", waitUntil }],
    ["curfew-extended", null],
  ]);
});

test("writes to the document only what changed", async () => {
  attach({ countdown: "none" });
  session.become(liveState(), 119_000);
  pass(1250);
  const changes: MutationRecord[] = [];
  const observer = new MutationObserver((records) => changes.push(...records));
  observer.observe(dialog(), { subtree: true, childList: true, characterData: true, attributes: true });
  pass(20_000);
  await Promise.resolve();
  changes.push(...observer.takeRecords());
  observer.disconnect();
  expect(changes).toEqual([]);
});

test("loops Tab over the answers", () => {
  attach();
  warn();
  const tab = (shiftKey: boolean) =>
    host().shadowRoot?.activeElement?.dispatchEvent(
      new KeyboardEvent("keydown", { key: "Tab", shiftKey, bubbles: true, composed: true, cancelable: true }),
    );
  const focused = () => host().shadowRoot?.activeElement?.textContent;
  tab(false);
  expect(focused()).toBe("Sign out now");
  tab(false);
  expect(focused()).toBe("Stay signed in");
  tab(true);
  expect(focused()).toBe("Sign out now");
});

/** What the page's title says while the tab is hidden. */
function hide(): () => void {
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  document.dispatchEvent(new Event("visibilitychange"));
  return () => {
    hidden.mockRestore();
    document.dispatchEvent(new Event("visibilitychange"));
  };
}

function titled(html: string): HTMLTitleElement {
  document.head.innerHTML = `<title>${html}</title>`;
  return document.head.querySelector("title") as HTMLTitleElement;
}

test("a hidden tab's title says how much is left at the rungs only, and comes back byte for byte", () => {
  const title = titled("\n  My  notes \n");
  attach();
  const show = hide();
  session.become(liveState(), 120_000);
  expect(title.textContent).toBe("Less than 2 minutes left – My  notes");
  const seen = new Set<string>();
  for (let i = 0; i < 110; i++) {
    pass(1000);
    seen.add(title.textContent);
  }
  expect([...seen]).toEqual([
    "Less than 2 minutes left – My  notes",
    "Less than 1 minute left – My  notes",
    "Less than 30 seconds left – My  notes",
  ]);
  show();
  expect(title.textContent).toBe("\n  My  notes \n");
});

test("a title that the page changes meanwhile is the one that comes back", () => {
  const title = titled("Notes");
  attach();
  const show = hide();
  session.become(liveState(), 120_000);
  title.textContent = "Notes (1)";
  pass(61_000);
  expect(title.textContent).toBe("Less than 1 minute left – Notes (1)");
  title.textContent = "Notes (2)";
  show();
  expect(title.textContent).toBe("Notes (2)");
});

test("the title says so when it is over, hidden or not, and is the page's own after a new sign-in", () => {
  const title = titled("Notes");
  attach();
  warn();
  session.become({ status: "ended", reason: "idle", endedAt: EXPIRES_AT });
  expect(title.textContent).toBe("Signed out – localhost:3000");
  session.become(ACTIVE, 900_000);
  expect(title.textContent).toBe("Notes");
});

test("a page without a title gets none", () => {
  document.head.innerHTML = "";
  attach();
  hide()();
  session.become({ status: "ended", reason: "idle", endedAt: EXPIRES_AT });
  expect(document.querySelector("title")).toBeNull();
});

test("offers to save before the absolute limit where the app can, and says when it is done", async () => {
  let saved = () => {};
  attach({
    save: () =>
      new Promise<void>((resolve) => {
        saved = resolve;
      }),
  });
  session.become(absoluteState(), 120_000);
  pass(GUARD_PERIOD);
  press("Save now");
  expect(card().getByText("Saving…").getAttribute("aria-disabled")).toBe("true");
  saved();
  await vi.advanceTimersByTimeAsync(0);
  expect(spoken().status).toBe("Your work is saved.");
  expect(text("message")).toContain("Your work is saved.");
  expect(card().getByText("Save now").getAttribute("aria-disabled")).toBeNull();
});

test("says when saving failed, and lets the person try again", async () => {
  attach({
    save: () => {
      throw new Error("no room");
    },
  });
  session.become(absoluteState(), 120_000);
  pass(GUARD_PERIOD);
  press("Save now");
  await vi.advanceTimersByTimeAsync(0);
  expect(text("error")).toBe("We could not save your work. Try again.");
  expect(card().getByText("Save now").getAttribute("aria-disabled")).toBeNull();
});

test("does not offer to save where the app has not said how", () => {
  attach();
  session.become(absoluteState(), 120_000);
  expect(card().queryByText("Save now")).toBeNull();
});

test("a session that this browser cannot extend any more has its own words, and no button that promises it", () => {
  attach();
  session.become(liveState({ canExtend: false, keyStore: "lost" }), 120_000);
  expect(text("message")).toMatch(/^We cannot keep you signed in on this page any longer/);
  expect(card().queryByText("Stay signed in")).toBeNull();
  expect(card().getByText("Sign in again in a new tab").getAttribute("href")).toBe(
    `${location.origin}/login`,
  );
});

test("nothing on the page hears of what is done inside the modal, and everything of what is done outside", () => {
  const heard: string[] = [];
  const listen = ({ type }: Event) => void heard.push(type);
  for (const type of ["click", "keydown", "focusin"]) document.addEventListener(type, listen, true);
  attach();
  warn();
  press("Stay signed in");
  part("h2").focus();
  expect(heard).toEqual([]);
  expect(session.calls).toEqual(["extend"]);
  document.getElementById("field")?.click();
  expect(heard).toEqual(["click"]);
  for (const type of ["click", "keydown", "focusin"]) document.removeEventListener(type, listen, true);
});

test("a notice waits while a modal of the page is open, and comes as a modal of its own at one minute", () => {
  attach();
  const modal = document.body.appendChild(document.createElement("dialog"));
  modal.setAttribute("open", "");
  vi.spyOn(modal, "matches").mockImplementation((selector) => selector === ":modal");
  session.become(absoluteState(), 120_000);
  expect([part("section").hidden, dialog().open]).toEqual([true, false]);
  pass(58_000);
  expect([part("section").hidden, dialog().open]).toEqual([true, false]);
  pass(3000);
  expect([part("section").hidden, dialog().open]).toEqual([true, true]);
});

test("a notice comes over a dialog of the page that is no modal", () => {
  attach();
  const other = document.body.appendChild(document.createElement("dialog"));
  other.show();
  session.become(absoluteState(), 120_000);
  expect(part("section").hidden).toBe(false);
});

/** The page's script takes the element that it has placed, and connects it itself. */
function connect(markup: string, options: WarningOptions = {}): void {
  document.body.innerHTML = markup;
  const element = document.querySelector("curfew-warning");
  if (element === null) throw new Error("the page has placed nothing");
  detach = element.connect(session, options);
}

test("an element that the page has placed and connected keeps its attributes, and options go before them", () => {
  attach();
  detach();
  connect('<curfew-warning locale="en-GB" work="notSaved" countdown="none"></curfew-warning>');
  warn();
  expect(host().parentElement).toBe(document.documentElement);
  expect(text("message")).toMatch(/14:32\. Work you have not saved will be lost\.$/);
  expect(part("[part=countdown]").hidden).toBe(true);
  detach();
  connect('<curfew-warning work="notSaved"></curfew-warning>', { work: "saved" });
  session.become(ACTIVE, 900_000);
  warn();
  expect(text("message")).toMatch(/Your work is saved\.$/);
});

test.each([
  '<curfew-warning style="display:none!important"></curfew-warning>',
  '<div hidden><curfew-warning escape="none" sign-out="none" service="Call 555-0100"></curfew-warning></div>',
  '<curfew-warning announce="45000"><p slot="mark">Call 555-0100</p></curfew-warning>',
])("markup in the page stands for nothing of the warning: %s", (markup) => {
  document.body.innerHTML = markup;
  const theirs = document.querySelector("curfew-warning");
  attach();
  warn();
  const ours = document.querySelector<HTMLElement>(":root > curfew-warning");
  expect(ours).not.toBe(theirs);
  expect([theirs?.shadowRoot, theirs?.parentElement?.closest("body")]).toEqual([null, document.body]);
  expect(ours?.shadowRoot?.querySelector("dialog")?.open).toBe(true);
  expect(ours?.shadowRoot?.querySelector("[part=service]")?.textContent).toBe("");
  expect(ours?.childElementCount).toBe(0);
  theirs?.remove();
});

test("where the app wants it so, Escape does nothing, and nothing that is said speaks of it", () => {
  attach({ escape: "none" });
  warn();
  pressEscape();
  expect(session.calls).toEqual([]);
  expect(dialog().open).toBe(true);
  pass(62_000);
  expect(spoken().status).toBe("Time left: 1 minute");
});

test("says less where the app wants it so, and never more than the ladder", () => {
  attach({ announce: [30_000] });
  warn();
  pass(70_000);
  expect(spoken()).toEqual({ status: "", alert: "" });
  pass(25_000);
  expect(spoken().alert).toBe("30 seconds left. Press the Esc key to stay signed in.");
  expect(() => attachWarning(session, { announce: [45_000] })).toThrow(
    "announce has 45000. Give milliseconds out of 30000, 60000, 120000, 300000, 600000.",
  );
});

test("goes to the sign-in when the app has saved, where the app wants it so, with the way back and the reason", () => {
  const assign = vi.spyOn(location, "assign").mockImplementation(() => {});
  attach({ expired: "redirect" });
  warn();
  session.emit("ended", { reason: "idle", endedAt: EXPIRES_AT });
  const target = new URL(assign.mock.calls[0]?.[0] as string, "https://app.example");
  expect([target.pathname, target.searchParams.get("reason"), target.searchParams.get("return")]).toEqual([
    "/login",
    "idle",
    location.pathname + location.search,
  ]);
  assign.mockRestore();
});

test("stays where it is at the end by itself", () => {
  const assign = vi.spyOn(location, "assign").mockImplementation(() => {});
  attach();
  warn();
  session.emit("ended", { reason: "idle", endedAt: EXPIRES_AT });
  expect(assign).not.toHaveBeenCalled();
  assign.mockRestore();
});

test.each([
  "javascript:alert(1)",
  "java\nscript:alert(1)",
  "\u0001javascript:alert(1)",
  "//evil.example",
  "data:text/html,x",
  null,
])("where it is told to sign people in at %j, it leads to the page's own address", (signInUrl) => {
  Object.defineProperty(session, "signInUrl", { value: signInUrl });
  attach();
  session.become({ status: "ended", reason: "revoked", endedAt: EXPIRES_AT });
  expect(card().getByText("Sign in again").getAttribute("href")).toBe(location.href);
});
