/** The plain page: the script include has made the client and the warning; this file draws the rest. */
import type { SessionClient } from "curfew";
import type { Note } from "./notes.js";
import { createNotesApp } from "./notes-app.js";
import { part, write } from "./part.js";
import { drawTrail } from "./trail.js";
import { type Fact, factsOf } from "./words.js";

/** What `<script src="/curfew/curfew.js" defer>` leaves behind. */
declare const Curfew: { readonly session: SessionClient };

const { session } = Curfew;
const app = createNotesApp(session);
const form = part("reauth-form", HTMLFormElement);
const password = part("reauth-password", HTMLInputElement);

app.subscribe(draw);
session.subscribe(draw);
part("transfer", HTMLButtonElement).addEventListener("click", () => void app.transfer());
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void app.reauthenticate(password.value);
  password.value = "";
});
draw();

function draw(): void {
  const view = app.view();
  const count = { text: String(view.pollCount), ms: null };
  const facts = {
    ...factsOf(session.state, view),
    "poll-count": count,
    "poll-status": { text: view.pollStatus, ms: null },
  };
  for (const [id, fact] of Object.entries(facts)) drawFact(id, fact);
  write(part("save-status"), view.saveStatus);
  write(part("transfer-result"), view.transferResult);
  const asksNow = form.hidden && view.stepUp;
  form.hidden = !view.stepUp;
  if (asksNow) password.focus();
  view.notes.forEach(drawNote);
  drawTrail(part("audit-tail"), view.trail);
}

function drawFact(id: string, { text, ms }: Fact): void {
  const element = part(id);
  write(element, text);
  if (ms === null) delete element.dataset.ms;
  else element.dataset.ms = String(ms);
}

function drawNote({ id, title, text }: Note): void {
  const area =
    document.querySelector<HTMLTextAreaElement>(`[data-testid="note-${id}"]`) ?? newNote(id, title);
  if (area.value !== text) area.value = text;
}

function newNote(id: string, title: string): HTMLTextAreaElement {
  const area = document.createElement("textarea");
  area.dataset.testid = `note-${id}`;
  area.rows = 4;
  area.addEventListener("input", () => app.edit(id, area.value));
  const label = document.createElement("label");
  label.className = "card note";
  label.append(title, area);
  part("notes").append(label);
  return area;
}
