/** The gallery: every kind and state of the warning, in every language and theme, side by side, for people who review them. */
import type { Express } from "express";
import { sendPage } from "./answers.js";
import { GALLERY_LOCALES, GALLERY_SIZES, GALLERY_STATES, GALLERY_THEMES } from "./gallery-states.js";
import { Html, html } from "./html.js";
import { page } from "./pages.js";

interface Choice {
  readonly locale: string;
  readonly theme: string;
  /** Every state where none is chosen. */
  readonly state: string;
  readonly size: string;
}

/** In place of one: for a state in all its languages, or a language in all states. */
const EVERY = "every";

export function addGallery(app: Express): void {
  app.get("/gallery", (request, response) => sendPage(response, galleryPage(choiceIn(request.query))));
  app.get("/gallery/:state", (request, response, next) => {
    if (!Object.hasOwn(GALLERY_STATES, request.params.state)) return next();
    sendPage(response, picturePage(request.params.state, choiceIn(request.query)));
  });
}

function choiceIn({ locale, theme, state, size }: Record<string, unknown>): Choice {
  const known = (names: readonly string[], name: unknown, otherwise: string) =>
    names.find((other) => other === name) ?? otherwise;
  return {
    locale: known([...GALLERY_LOCALES, EVERY], locale, "en"),
    theme: known(Object.keys(GALLERY_THEMES), theme, "light"),
    state: known(Object.keys(GALLERY_STATES), state, locale === EVERY ? "idle" : EVERY),
    size: known(Object.keys(GALLERY_SIZES), size, "wide"),
  };
}

/** Which pictures a choice stands for: each state in one language, or one state in each. */
function picturesFor({ locale, state }: Choice): readonly (readonly [state: string, locale: string])[] {
  const states = state === EVERY ? Object.keys(GALLERY_STATES) : [state];
  const locales = locale === EVERY ? GALLERY_LOCALES : [locale];
  return states.flatMap((name) => locales.map((tag) => [name, tag] as const));
}

const LANGUAGES = new Intl.DisplayNames("en", { type: "language" });
const languageName = (tag: string) => LANGUAGES.of(tag) ?? tag;

function galleryPage(choice: Choice): string {
  const languages = [
    ...GALLERY_LOCALES.map((tag) => [tag, languageName(tag)] as const),
    [EVERY, "Every language"],
  ] as const;
  const states = [
    [EVERY, "Every state"],
    ...Object.entries(GALLERY_STATES).map(([name, { label }]) => [name, label] as const),
  ] as const;
  const pictures = picturesFor(choice);
  const body = html`<main id="main">
  <div class="heading"><h1>Gallery of the warning</h1></div>
  <p>Every kind and state, over a session that stands still. Choose a language, a theme and the size of the window.</p>
  <form class="card choice" method="get" action="/gallery">
    ${select("state", "State", states, choice.state)}
    ${select("locale", "Language", languages, choice.locale)}
    ${select("theme", "Theme", Object.entries(GALLERY_THEMES), choice.theme)}
    ${select("size", "Window", Object.entries(GALLERY_SIZES), choice.size)}
    <button class="primary">Show</button>
  </form>
  <div class="gallery" data-size="${choice.size}">${pictures.map(([state, locale]) => picture(state, locale, choice))}</div>
</main>`;
  return page({ title: "Gallery", path: "/gallery", subject: null, body });
}

function select(
  name: string,
  label: string,
  options: readonly (readonly [string, string])[],
  chosen: string,
): Html {
  const option = ([value, words]: readonly [string, string]) =>
    html`<option value="${value}"${value === chosen ? new Html(" selected") : ""}>${words}</option>`;
  return html`<label>${label} <select name="${name}">${options.map(option)}</select></label>`;
}

function picture(state: string, locale: string, { theme, locale: chosen }: Choice): Html {
  const address = `/gallery/${state}?locale=${locale}&theme=${theme}`;
  const label = GALLERY_STATES[state]?.label ?? "";
  const words = chosen === EVERY ? `${languageName(locale)}: ${label}` : label;
  return html`<figure>
    <figcaption><a href="${address}">${words}</a></figcaption>
    <iframe src="${address}" title="${words}" loading="lazy"></iframe>
  </figure>`;
}

/** A page of its own, so that each has its one warning. */
function picturePage(state: string, { locale: chosen, theme }: Choice): string {
  const locale = chosen === EVERY ? "en" : chosen;
  return html`<!doctype html>
<html lang="${locale}" data-state="${state}" data-locale="${locale}" data-theme="${theme}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${GALLERY_STATES[state]?.label ?? ""}</title>
<link rel="icon" href="/assets/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/gallery.css">
<script src="/assets/gallery.js" type="module"></script>
</head>
<body>
<main lang="en"><h1>The page behind</h1>
<p>Someone was writing here when the warning came.</p>
<label>Note <textarea rows="3">Half a thought</textarea></label></main>
</body>
</html>
`.text;
}
