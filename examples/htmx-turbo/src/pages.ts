/** The app's pages, and where their scripts are. Each page loads the script include, the sign-in page too. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);

export const SCRIPTS: readonly (readonly [path: string, file: string])[] = [
  ["/htmx.js", require.resolve("htmx.org/dist/htmx.min.js")],
  ["/turbo.js", require.resolve("@hotwired/turbo/dist/turbo.es2017-umd.js")],
  ["/fragments.js", fileURLToPath(new URL("../public/fragments.js", import.meta.url))],
];

const page = (title: string, head: string, body: string) => `<!doctype html><html lang="en"><head>
<title>${title}</title><link rel="icon" href="data:,">
<script src="/curfew/curfew.js" defer></script><script src="/curfew/curfew-drafts.js" defer></script>${head}
</head><body><h1>${title}</h1>${body}</body></html>`;

const escaped = (text: string) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** A path of this app, or the first page: anybody can write a link with another one. */
export function wayBack(asked: unknown): string {
  return /^\/(?!\/)[\w/?=&.%-]*$/.test(String(asked)) ? String(asked) : "/htmx";
}

export const signInPage = (back: string) =>
  page(
    "Sign in",
    "",
    `<form method="post" action="/login"><input type="hidden" name="return" value="${escaped(back)}">
<label>Name <input name="name"></label><label>Password <input type="password" name="password"></label>
<button>Sign in</button></form>`,
  );

const FIELDS = '<label>Note <input name="note"></label><button>Save</button>';
const tokenMeta = (token: string) => `<meta name="csrf-token" content="${token}">`;

const PANELS = {
  // htmx 4 shows every answer but those of noSwap; htmx 2 shows no 401, and does not know the setting.
  "/htmx": {
    head: `<meta name="htmx-config" content='{"noSwap":[204,304,401]}'><script src="/htmx.js" defer></script>`,
    body: `<div id="panel" hx-get="/notes" hx-trigger="load"></div><button hx-get="/notes" hx-target="#panel">Reload</button>
<form hx-post="/notes" hx-target="#panel">${FIELDS}</form>`,
  },
  "/turbo": {
    head: '<script src="/turbo.js" defer></script>',
    body: `<turbo-frame id="panel" src="/notes"></turbo-frame><a href="/notes" data-turbo-frame="panel">Reload</a>
<form method="post" action="/notes" data-turbo-frame="panel">${FIELDS}</form>`,
  },
};

export function notesPage(path: string, token: string): string {
  const { head, body } = PANELS[path === "/turbo" ? "/turbo" : "/htmx"];
  return page("Notes", `${tokenMeta(token)}${head}<script src="/fragments.js" defer></script>`, body);
}

/** @param frame the id of the Turbo frame that the fragment is for */
export function panel(notes: readonly string[], frame: string | undefined): string {
  const list = `<ul>${notes.map((note) => `<li>${escaped(note)}</li>`).join("")}</ul><p>${notes.length} notes</p>`;
  return frame === undefined ? list : `<turbo-frame id="panel">${list}</turbo-frame>`;
}
