/** The gallery: every kind and state of the warning, in every language and theme, side by side, for people who review them. */
import type { Express } from "express";
import { sendPage } from "./answers.js";
import { GALLERY_LOCALES, GALLERY_STATES, GALLERY_THEMES } from "./gallery-states.js";
import { Html, html } from "./html.js";
import { page } from "./pages.js";

interface Choice {
  readonly locale: string;
  readonly theme: string;
}

export function addGallery(app: Express): void {
  app.get("/gallery", (request, response) => sendPage(response, galleryPage(choiceIn(request.query))));
  app.get("/gallery/:state", (request, response, next) => {
    if (!Object.hasOwn(GALLERY_STATES, request.params.state)) return next();
    sendPage(response, picturePage(request.params.state, choiceIn(request.query)));
  });
}

function choiceIn({ locale, theme }: Record<string, unknown>): Choice {
  return {
    locale: GALLERY_LOCALES.find((known) => known === locale) ?? "en",
    theme: Object.keys(GALLERY_THEMES).find((known) => known === theme) ?? "light",
  };
}

function galleryPage(choice: Choice): string {
  const names = new Intl.DisplayNames("en", { type: "language" });
  const languages = GALLERY_LOCALES.map((tag) => [tag, names.of(tag) ?? tag] as const);
  const body = html`<main id="main">
  <div class="heading"><h1>Gallery of the warning</h1></div>
  <p>Every kind and state, over a session that stands still. Choose a language and a theme.</p>
  <form class="card choice" method="get" action="/gallery">
    ${select("locale", "Language", languages, choice.locale)}
    ${select("theme", "Theme", Object.entries(GALLERY_THEMES), choice.theme)}
    <button class="primary">Show</button>
  </form>
  <div class="gallery">${Object.entries(GALLERY_STATES).map(([state, { label }]) => picture(state, label, choice))}</div>
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

function picture(state: string, label: string, { locale, theme }: Choice): Html {
  const address = `/gallery/${state}?locale=${locale}&theme=${theme}`;
  return html`<figure>
    <figcaption><a href="${address}">${label}</a></figcaption>
    <iframe src="${address}" title="${label}" loading="lazy"></iframe>
  </figure>`;
}

/** A page of its own, so that each has its one warning. */
function picturePage(state: string, { locale, theme }: Choice): string {
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
