/** The pages. Nothing inline: they work under `default-src 'self'`. */
import type { Appointment } from "./appointments.js";
import { type Html, html } from "./html.js";

/** Where the guard may send people back to after signing in. */
export const PAGES: ReadonlySet<string> = new Set(["/", "/appointments/new"]);

export interface Draft {
  readonly time: string;
  readonly who: string;
}

export function bookPage(subject: string, notice: string, appointments: readonly Appointment[]): string {
  const rows = appointments.map(
    ({ id, time, who }) => html`<li>
  <time>${time}</time> <span>${who}</span>
  <form method="post" action="/appointments/cancel">
    <input type="hidden" name="id" value="${id}">
    <button aria-label="Cancel ${who} at ${time}">Cancel</button>
  </form>
</li>`,
  );
  return signedInPage("Today", subject, notice, html`<ul class="book">${rows}</ul>`);
}

export function newPage(subject: string, notice: string, { time, who }: Draft): string {
  return signedInPage(
    "New appointment",
    subject,
    notice,
    html`<form class="stack" method="post" action="/appointments/new">
  <label>Time <input name="time" value="${time}" placeholder="09:30" autocomplete="off" required></label>
  <label>Who <input name="who" value="${who}" maxlength="100" autocomplete="off" required></label>
  <button>Book</button>
</form>`,
  );
}

export function signInPage(notice: string, back: string): string {
  return page(
    "Sign in",
    html``,
    html`<h1>Sign in</h1>
${noticeOf(notice)}
<form class="stack" method="post" action="/sign-in">
  <input type="hidden" name="return" value="${back}">
  <label>Name <input name="name" autocomplete="username" maxlength="100" required></label>
  <label>Password (it is “demo”) <input name="password" type="password" autocomplete="current-password" required></label>
  <button>Sign in</button>
</form>`,
  );
}

export function messagePage(message: string): string {
  return page(message, html``, html`<h1>${message}</h1><p><a href="/">To the book</a></p>`);
}

/** One script, and the page has Curfew's client and its warning. */
const CURFEW = html`<script src="/curfew/curfew.js" defer></script>`;

function signedInPage(title: string, subject: string, notice: string, content: Html): string {
  return page(
    title,
    CURFEW,
    html`<header>
  <nav aria-label="Pages"><a href="/">Today</a> <a href="/appointments/new">New appointment</a></nav>
  <form method="post" action="/sign-out">${subject} <button>Sign out</button></form>
</header>
<h1>${title}</h1>
${noticeOf(notice)}
${content}`,
  );
}

function noticeOf(notice: string): Html {
  return notice === "" ? html`` : html`<p class="notice" role="status">${notice}</p>`;
}

function page(title: string, scripts: Html, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Appointments</title>
<link rel="stylesheet" href="/style.css">
${scripts}
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.markup;
}
