/** The app's pages. Each loads the script include, the sign-in page too. */

const page = (title: string, body: string) => `<!doctype html><html lang="en"><title>${title}</title>
<link rel="icon" href="data:,">
<script src="/curfew/curfew.js" defer></script><script src="/curfew/curfew-drafts.js" defer></script>
<h1>${title}</h1>${body}`;

const escaped = (text: string) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** A path of this app, or the first page: anybody can write a link with another one. */
export function wayBack(asked: unknown): string {
  return /^\/(?!\/)[\w/?=&.%-]*$/.test(String(asked)) ? String(asked) : "/";
}

export const signInPage = (back: string) =>
  page(
    "Sign in",
    `<form method="post" action="/login"><input type="hidden" name="return" value="${escaped(back)}">
<label>Name <input name="name"></label><label>Password <input type="password" name="password"></label>
<button>Sign in</button></form>`,
  );

export function notesPage(token: string, name: string, notes: readonly string[]): string {
  const form = (action: string, fields: string, button: string) =>
    `<form method="post" action="${action}"><input type="hidden" name="_csrf" value="${token}">${fields}<button>${button}</button></form>`;
  const list = notes.map((note) => `<li>${escaped(note)}</li>`).join("");
  return page(
    `Notes of ${escaped(name)}`,
    `<ul>${list}</ul>${form("/notes", '<label>Note <input name="note"></label>', "Save")}${form("/logout", "", "Sign out")}`,
  );
}
