/** The app's pages. Each loads the script include, the sign-in page too; csrf.js puts the token of Auth.js into the forms. */
import type { ExpressAuthConfig } from "@auth/express";

const page = (title: string, body: string) => `<!doctype html><html lang="en"><title>${title}</title>
<link rel="icon" href="data:,">
<script src="/curfew/curfew.js" defer></script><script src="/csrf.js" type="module"></script>
<h1>${title}</h1>${body}`;

const escaped = (text: string) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

const form = (action: string, back: string, fields: string, button: string) =>
  `<form method="post" action="${action}"><input type="hidden" name="csrfToken">
<input type="hidden" name="callbackUrl" value="${escaped(back)}">${fields}<button>${button}</button></form>`;

/** A path of this app, or the first page: anybody can write a link with another one. */
export function wayBack(asked: unknown): string {
  return /^\/(?!\/)[\w/?=&.%-]*$/.test(String(asked)) ? String(asked) : "/";
}

/** @param ask what a provider is asked for: Auth.js hands on what the address of the form says */
export function signInPage(
  providers: ExpressAuthConfig["providers"],
  { maxAge, prompt }: { readonly maxAge: number; readonly prompt?: string | undefined },
  back: string,
): string {
  const forms = providers.map((one) => {
    const { id, type } = typeof one === "function" ? one() : one;
    if (type === "credentials")
      return form(
        "/auth/callback/credentials",
        back,
        '<label>Name <input name="name"></label><label>Password <input type="password" name="password"></label>',
        "Sign in",
      );
    const asked = new URLSearchParams({ max_age: String(maxAge), ...(prompt ? { prompt } : {}) });
    return form(`/auth/signin/${id}?${escaped(String(asked))}`, back, "", `Sign in with ${id}`);
  });
  return page("Sign in", forms.join(""));
}

export const firstPage = (name: string) =>
  page(
    `Hello, ${escaped(name)}`,
    `<textarea aria-label="Note"></textarea>${form("/auth/signout", "/", "", "Sign out")}`,
  );
