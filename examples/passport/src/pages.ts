/** The app's pages. Each loads the script include, the sign-in page too. */

const page = (title: string, body: string) => `<!doctype html><html lang="en"><title>${title}</title>
<script src="/curfew/curfew.js" defer></script><script src="/curfew/curfew-drafts.js" defer></script>
<h1>${title}</h1>${body}`;

const form = (action: string, token: string, fields: string, button: string) =>
  `<form method="post" action="${action}"><input type="hidden" name="_csrf" value="${token}">${fields}<button>${button}</button></form>`;

const escaped = (text: string) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** A path of this app, or the first page: anybody can write a link with another one. */
export function wayBack(asked: unknown): string {
  return /^\/(?![/\\])[!-[\]-~]*$/.test(String(asked)) && !String(asked).includes("//") ? String(asked) : "/";
}

export const signInPage = (token: string, back: string) =>
  page(
    "Sign in",
    form(
      "/login",
      token,
      `<input type="hidden" name="return" value="${escaped(back)}"><label>Name <input name="username"></label>
<label>Password <input type="password" name="password"></label>`,
      "Sign in",
    ),
  );

export const firstPage = (token: string, user?: Express.User) =>
  page(
    user ? `Hello, ${escaped(user.id)}` : "Welcome",
    user ? form("/logout", token, "", "Sign out") : '<a href="/login">Sign in</a>',
  );

export const accountPage = (token: string) =>
  page("Account", form("/account", token, '<input name="note" aria-label="Note">', "Save"));
