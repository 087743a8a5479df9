// @vitest-environment happy-dom
// The element: fills an empty place, leaves the server's words where it has none, and follows the session's own limits.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ar } from "../../src/locales/ar.js";
import { de } from "../../src/locales/de.js";
import { defineNotice } from "../../src/notice/define-notice.js";
import { startNotice } from "../../src/server/policy/start-notice.js";
import { createTestSession } from "../../src/testing/create-test-session.js";
import { createFakeSession, type FakeSession } from "../warning/fake-session.js";

let visits = 0;
let fetched: ReturnType<typeof vi.fn<(url: string) => Promise<Response>>>;

beforeEach(() => {
  fetched = vi.fn(() => Promise.resolve(Response.json(de)));
  vi.stubGlobal("fetch", fetched);
});

afterEach(() => {
  document.body.replaceChildren();
  document.documentElement.lang = "";
  defineNotice();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

type Limits = { idleTimeout: number; absoluteTimeout: number } | null;

function sessionWith(limits: Limits): FakeSession {
  const base = `https://auth-${visits++}.example/curfew`;
  return Object.assign(createFakeSession(), { base, limits });
}

/** As a browser does it: an element comes into the page with what stands in it. */
function place(html: string): HTMLElement {
  const template = document.createElement("template");
  template.innerHTML = html;
  document.body.replaceChildren(template.content);
  const element = document.querySelector("curfew-notice");
  if (element === null) throw new Error("there is no notice");
  return element;
}

const IN_ENGLISH = "If you do nothing for 20 minutes, we will sign you out.";
const IN_GERMAN = "Wenn Sie 20 Minuten lang nichts tun, melden wir Sie ab.";

test("an empty one says what its attributes say, as text of the page", () => {
  defineNotice();
  const notice = place('<curfew-notice idle="20m" absolute="12h" work="saved"></curfew-notice>');
  expect(notice.innerHTML).toBe(
    `<p lang="en" dir="ltr">${IN_ENGLISH} Your work is saved. For your security, everyone must sign in again after 12 hours.</p>`,
  );
  expect(notice.shadowRoot).toBeNull();
  notice.setAttribute("idle", "1h");
  notice.removeAttribute("absolute");
  notice.removeAttribute("work");
  expect(notice.textContent).toBe("If you do nothing for 1 hour, we will sign you out.");
});

test.each(["", 'idle="soon"', 'idle="20"', 'work="saved"'])("one with %j says nothing", (attributes) => {
  defineNotice();
  expect(place(`<curfew-notice ${attributes}></curfew-notice>`).childNodes).toHaveLength(0);
});

test("the server's own words are not written anew", () => {
  defineNotice();
  const notice = place(startNotice({ idle: "20m", work: "saved" }));
  const text = notice.querySelector("p")?.firstChild;
  notice.setAttribute("work", "saved");
  expect(text?.isConnected).toBe(true);
});

test("while the page is still coming in it waits for the server's words", () => {
  const state = vi.spyOn(document, "readyState", "get").mockReturnValue("loading" as never);
  defineNotice();
  const notice = place('<curfew-notice idle="20m"></curfew-notice>');
  notice.setAttribute("idle", "5m");
  expect(notice.childNodes).toHaveLength(0);
  notice.innerHTML = "<p>If you do nothing for 5 minutes, </p>";
  state.mockReturnValue("interactive" as never);
  document.dispatchEvent(new Event("DOMContentLoaded"));
  expect(notice.innerHTML).toBe(
    '<p lang="en" dir="ltr">If you do nothing for 5 minutes, we will sign you out.</p>',
  );
});

test("with a session it tells of that session's limits, from the moment that they are known", () => {
  const session = sessionWith(null);
  defineNotice(session);
  const notice = place(startNotice({ idle: "20m", absolute: "12h" }));
  expect(notice.textContent).toContain("20 minutes");
  Object.assign(session, { limits: { idleTimeout: 3_600_000, absoluteTimeout: 28_800_000 } });
  session.become({ status: "absent" });
  expect(notice.textContent).toBe(
    "If you do nothing for 1 hour, we will sign you out. For your security, everyone must sign in again after 8 hours.",
  );
});

test("of the absolute limit it speaks only where the page asked for it", () => {
  defineNotice(sessionWith({ idleTimeout: 1_200_000, absoluteTimeout: 28_800_000 }));
  expect(place("<curfew-notice></curfew-notice>").textContent).toBe(IN_ENGLISH);
  expect(place("<curfew-notice absolute></curfew-notice>").textContent).toContain("after 8 hours");
});

test("a real client knows the limits that its policy gave it", async () => {
  const session = createTestSession({ policy: { idle: "20m", absolute: "8h" } });
  await session.refresh();
  expect(session.limits).toEqual({ idleTimeout: 1_200_000, absoluteTimeout: 28_800_000 });
  defineNotice(session);
  expect(place("<curfew-notice></curfew-notice>").textContent).toBe(IN_ENGLISH);
});

test("the language is that of the place where it stands, and its words come from the verifier", async () => {
  const session = sessionWith(null);
  defineNotice(session);
  document.documentElement.lang = "en";
  const notice = place('<main lang="de"><curfew-notice idle="20m"></curfew-notice></main>');
  expect(notice.innerHTML).toBe(`<p lang="en" dir="ltr">${IN_ENGLISH}</p>`);
  await vi.waitFor(() => expect(notice.innerHTML).toBe(`<p lang="de" dir="ltr">${IN_GERMAN}</p>`));
  expect(fetched.mock.calls).toEqual([[`${session.base}/locales/de.json`]]);
});

test("what the server wrote in a language stays in it until its words are there", async () => {
  fetched.mockReturnValue(Promise.reject(new TypeError("Failed to fetch")));
  defineNotice(sessionWith({ idleTimeout: 60_000, absoluteTimeout: 28_800_000 }));
  const notice = place(startNotice({ idle: "20m", locale: "de" }));
  await vi.waitFor(() => expect(fetched).toHaveBeenCalledOnce());
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(notice.textContent).toBe(IN_GERMAN);
});

test("a catalogue that the app has bundled is there at once, from right to left", () => {
  defineNotice(undefined, { locale: ar });
  const paragraph = place('<curfew-notice idle="2m"></curfew-notice>').querySelector("p");
  expect([paragraph?.lang, paragraph?.dir]).toEqual(["ar", "rtl"]);
  expect(paragraph?.textContent).toContain("دقيقتان");
  expect(fetched).not.toHaveBeenCalled();
});

test("one that was taken away follows no session, and another session replaces the first", () => {
  const [first, second] = [sessionWith(null), sessionWith({ idleTimeout: 1_200_000, absoluteTimeout: 1 })];
  defineNotice(first);
  const gone = place('<curfew-notice idle="5m"></curfew-notice>');
  const said = gone.textContent;
  gone.remove();
  defineNotice(second);
  expect(place('<curfew-notice idle="5m"></curfew-notice>').textContent).toBe(IN_ENGLISH);
  Object.assign(first, { limits: { idleTimeout: 60_000, absoluteTimeout: 1 } });
  first.become({ status: "absent" });
  expect(document.querySelector("curfew-notice")?.textContent).toBe(IN_ENGLISH);
  expect(gone.textContent).toBe(said);
});
