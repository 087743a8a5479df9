/** The demo's pages. No inline script or style: they work under `default-src 'self'`. */
import { Html, html } from "./html.js";
import { FACTS, POLLER, type TrailLine } from "./words.js";

/** The same app three times. */
export const PAGES = { "/": "Plain", "/react": "React", "/vue": "Vue" } as const;

interface PageParts {
  readonly title: string;
  readonly path: string;
  /** Null where nobody is signed in, or where the page does not look. */
  readonly subject: string | null;
  readonly unsafe?: boolean;
  readonly scripts?: Html;
  readonly body: Html;
}

/** A whole page of the demo around its body. */
export function page({ title, path, subject, unsafe = false, scripts = html``, body }: PageParts): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Linden Clinic</title>
<link rel="icon" href="/assets/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/demo.css">
${scripts}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
  <a class="brand" href="/"><img src="/assets/mark.svg" alt="" width="28" height="28">Linden Clinic</a>
  <nav aria-label="Pages">${links(path, subject !== null)}</nav>
  ${subject === null ? html`` : whoIs(subject)}
</header>
${unsafe ? UNSAFE : html``}
${body}
<footer>A demo of Curfew. Requests never extend a session. People do.</footer>
</body>
</html>
`.text;
}

/** On the sign-in page too: after a sign-out it is the first to hear of it, and tells the other tabs. */
const CLIENT = html`<script src="/curfew/curfew.js" defer></script>`;

const UNSAFE = html`<aside class="unsafe" aria-label="Test limits" data-testid="unsafe-banner"><strong>Test limits.</strong>
  This session's limits are below what is safe for people (<code>unsafeForTesting</code>).</aside>`;

function links(path: string, signedIn: boolean): Html {
  const link = (href: string, words: string) =>
    html`<a href="${href}"${path === href ? new Html(' aria-current="page"') : ""}>${words}</a>`;
  const apps = Object.entries(PAGES).map(([href, words]) => link(href, words));
  // These two do not look whether anybody is signed in; who is not is sent to sign in.
  const hasApps = signedIn || path === "/audit" || path === "/alerts";
  return html`${hasApps ? apps : []}${link("/audit", "Audit trail")}${link("/alerts", "Alerts")}${link("/gallery", "Gallery")}`;
}

function whoIs(subject: string): Html {
  return html`<form class="who" method="post" action="/logout">
    <span>Signed in as <b data-testid="subject">${subject}</b></span>
    <button class="quiet" data-testid="sign-out">Sign out</button>
  </form>`;
}

export function loginPage(given: {
  username: string;
  back: string;
  /** How long one may pause: HTML from Curfew. */
  notice: string;
  mistake?: string;
}): string {
  const { username, back, notice, mistake } = given;
  const wrong = mistake === undefined ? "" : new Html(' aria-describedby="mistake" aria-invalid="true"');
  const first = new Html(" autofocus");
  const body = html`<main id="main" class="narrow">
  <form class="card sign-in" method="post" action="/login">
    <h1>Sign in</h1>
    <p>Ward notes of the Linden Clinic. This is a demo: any user name will do, and the password is <code>demo</code>.</p>
    ${new Html(notice)}
    ${mistake === undefined ? html`` : html`<p class="mistake" id="mistake" role="alert" data-testid="login-error">${mistake}</p>`}
    <label>User name
      <input name="username" value="${username}" autocomplete="username" autocapitalize="none" maxlength="100"
        required data-testid="username"${username === "" ? first : ""}></label>
    <label>Password
      <input name="password" type="password" autocomplete="current-password" required
        data-testid="password"${wrong}${username === "" ? "" : first}></label>
    <input type="hidden" name="return" value="${back}">
    <button class="primary" data-testid="sign-in">Sign in</button>
  </form>
</main>`;
  return page({
    title: mistake === undefined ? "Sign in" : "Sign-in failed",
    path: "/login",
    subject: null,
    scripts: CLIENT,
    body,
  });
}

/** A list of what was recorded, the newest first. */
export function trailList(testId: string, lines: readonly TrailLine[]): Html {
  const entries = [...lines]
    .reverse()
    .map(
      ({ at, time, type, words, session }) =>
        html`<li><time datetime="${at}">${time}</time><code>${type}</code><span>${words}</span><small>${session}</small></li>`,
    );
  return html`<ol class="trail" data-testid="${testId}">${entries}</ol>`;
}

export function messagePage(message: string): string {
  const body = html`<main id="main" class="narrow"><div class="card">
  <h1>Something is missing here</h1><p role="alert">${message}</p><p><a href="/">Back to the notes</a></p>
</div></main>`;
  return page({ title: "Message", path: "", subject: null, body });
}

/** The plain page has its markup here and the script include; the other two are drawn by their frameworks. */
export function notesPage(given: { path: string; subject: string; unsafe: boolean }): string {
  const { path } = given;
  const scripts =
    path === "/"
      ? html`${CLIENT}
<script src="/assets/demo.js" type="module"></script>`
      : html`<script src="/assets${path}.js" type="module"></script>`;
  const body = path === "/" ? PLAIN : html`<main id="main" data-app></main>`;
  return page({ ...given, title: "Ward notes", scripts, body });
}

const rows = (facts: Readonly<Record<string, string>>) =>
  Object.entries(facts).map(([id, label]) => html`<dt>${label}</dt><dd data-testid="${id}">–</dd>`);

const PLAIN = html`<main id="main">
  <div class="heading"><h1>Ward notes</h1><p class="saved" role="status" data-testid="save-status"></p></div>
  <div class="columns">
    <section class="notes" aria-label="Notes" data-testid="notes"></section>
    <aside>
      <section class="card"><h2>This session</h2><p>Only what you do here moves the idle deadline.</p><dl>${rows(FACTS)}</dl></section>
      <section class="card"><h2>Requests</h2><p>Every two seconds this page asks for the notes. That extends nothing.</p><dl>${rows(POLLER)}</dl></section>
      <section class="card">
        <h2>Transfer a record</h2>
        <p>Asks for your password, unless you have just given it.</p>
        <button class="primary" data-testid="transfer">Transfer to City Hospital</button>
        <form class="step-up" data-testid="reauth-form" hidden>
          <label>Your password again
            <input name="password" type="password" autocomplete="current-password" required data-testid="reauth-password"></label>
          <button class="primary" data-testid="reauth">Confirm and transfer</button>
        </form>
        <p role="status" data-testid="transfer-result"></p>
      </section>
    </aside>
  </div>
  <section class="card"><h2>Audit trail, live</h2><ol class="trail" data-testid="audit-tail"></ol></section>
</main>`;
