/** One picture of the gallery: a real warning over a test session that stands still. */
import * as locales from "curfew/locales";
import { createTestSession, type TestSession } from "curfew/testing";
import { attachWarning } from "curfew/warning";
import { GALLERY_STATES, type GalleryState } from "./gallery-states.js";

/** The warning takes no answer in its first moments. */
const GUARD_PERIOD = 700;

const { state: name = "", locale = "en" } = document.documentElement.dataset;
const state = GALLERY_STATES[name];
if (state !== undefined) await show(state);
document.documentElement.dataset.ready = "true";

async function show({ session: options, wait, warning, save, press, server }: GalleryState): Promise<void> {
  const session = createTestSession(options);
  // For whoever tries the picture out: time passes by `gallery.advance(60_000)` in the console.
  Object.assign(globalThis, { gallery: session });
  await session.refresh();
  if (wait !== undefined) await session.advance(wait);
  attachWarning(server === "is slow" ? slow(session) : session, {
    locale: Object.values(locales).find(({ tag }) => tag === locale) ?? locale,
    ...warning,
    ...(save === undefined ? {} : { save: () => (save === "works" ? Promise.resolve() : Promise.reject()) }),
  });
  if (server === "refuses") session.server.refuseNext("unavailable");
  if (press === undefined) return;
  await new Promise((resolve) => setTimeout(resolve, GUARD_PERIOD));
  const root = document.querySelector("curfew-warning")?.shadowRoot;
  root?.querySelector<HTMLElement>(`button[part=${press}]`)?.click();
}

/** An answer that never comes. */
function slow(session: TestSession): TestSession {
  return Object.create(session, { extend: { value: () => new Promise(() => {}) } });
}
