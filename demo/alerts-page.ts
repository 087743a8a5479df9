/** The page of the alerts: what the rules of the watch have found in the trail, and how to make them speak. */
import type { AuditRecord } from "curfew/server";
import { html } from "./html.js";
import { page, trailList } from "./pages.js";
import { alertCount, alertLine } from "./words.js";

const MISBEHAVE = html`<section class="card" aria-labelledby="misbehave">
    <h2 id="misbehave">Make it fill</h2>
    <ul>
      <li><b>A script that moves the mouse</b> (<code>machine-like</code>): let a program, or a device, move the pointer over the
        notes once a second. The demo's thresholds are short: a minute is enough here, and three quarters of an hour elsewhere.
        With <code>CURFEW_WARN_EARLY=machine-like</code> the ordinary warning then opens: a person presses its button.</li>
      <li><b>A copied cookie</b> (<code>forged</code>): take the session's cookie to another program and send a heartbeat
        that the browser's key has not signed.</li>
      <li><b>A used-up session</b> (<code>used-after-end</code>): keep the cookie, sign out, and ask for
        <code>/api/notes</code> with it from another program.</li>
    </ul>
    <p>No alert ends a session, and nobody is accused: it says what was seen, and in which records.</p>
  </section>`;

export function alertsPage(alerts: readonly AuditRecord[]): string {
  const body = html`<main id="main">
  <div class="heading"><h1>Alerts</h1></div>
  <p>The watch reads the audit trail while it is written. On this demo anybody on this machine may read this page, signed in or not.</p>
  <section class="card" aria-labelledby="newest">
    <h2 id="newest">Newest first, live</h2>
    <p role="status" data-testid="alert-count">${alertCount(alerts)}</p>
    ${trailList("alerts", alerts.map(alertLine))}
  </section>
  ${MISBEHAVE}
</main>`;
  return page({
    title: "Alerts",
    path: "/alerts",
    subject: null,
    scripts: html`<script src="/assets/alerts.js" type="module"></script>`,
    body,
  });
}
