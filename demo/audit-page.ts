/** The page of the audit trail: what was recorded, whether it is whole, and one session's proof. */
import type { AuditRecord } from "curfew/server";
import { html } from "./html.js";
import { page, trailList } from "./pages.js";
import { lineOf } from "./words.js";

/** What the check of the log finds, by `data-testid`. */
const FIGURES = {
  "log-size": "Records",
  "log-signed": "Signed by the log",
  "log-anchored": "Anchored by this browser",
  "log-newer": "Newer than that",
} as const;

const CHECKED = html`<section class="card" aria-labelledby="whole">
    <h2 id="whole">Is it whole?</h2>
    <p>This browser checks every line, hash and signature itself, with <code>curfew/evidence</code>. It keeps the log's head from
      one check to the next: that is the anchor, which the server cannot change any more.</p>
    <p class="verdict" role="status" data-testid="log-verdict">Checking …</p>
    <dl>${Object.entries(FIGURES).map(([id, label]) => html`<dt>${label}</dt><dd data-testid="${id}">–</dd>`)}</dl>
    <p class="row"><button data-testid="log-check">Check again</button></p>
  </section>`;

const PROOF = html`<section class="card" aria-labelledby="proof">
    <h2 id="proof">Prove one session</h2>
    <p>A proof has one session's records and nobody else's. It is checked and replayed in this browser, by the log's key
      alone. Change a letter of it and check again.</p>
    <form class="proof" data-testid="proof-form">
      <label>Session <select name="sid" data-testid="proof-sid"></select></label>
      <p class="row"><button class="primary" name="show" data-testid="proof-show">Show its proof</button>
        <a download data-testid="proof-download" hidden>Download it</a></p>
      <label>A proof that you have downloaded <input type="file" accept=".json,application/json" data-testid="proof-file"></label>
      <label>The proof <textarea name="proof" rows="8" spellcheck="false" data-testid="proof-text"></textarea></label>
      <label>The log's key <input name="vkey" spellcheck="false" autocomplete="off" data-testid="proof-key"></label>
      <p class="row"><button class="primary" name="check" data-testid="proof-check">Check it here</button></p>
      <p class="verdict" role="status" data-testid="proof-verdict"></p>
    </form>
  </section>`;

export function auditPage(records: readonly AuditRecord[]): string {
  const body = html`<main id="main">
  <div class="heading"><h1>Audit trail</h1></div>
  <p>On this demo anybody on this machine may read it, signed in or not. The page is not guarded and watches nobody:
    reading here keeps no session alive.</p>
  <div class="halves">${CHECKED}${PROOF}</div>
  <section class="card"><h2>Newest first, live</h2>${trailList("audit", records.map(lineOf))}</section>
</main>`;
  return page({
    title: "Audit trail",
    path: "/audit",
    subject: null,
    scripts: html`<script src="/assets/audit.js" type="module"></script>`,
    body,
  });
}
