/** The React page. */
import { createSessionClient } from "curfew";
import { useSession } from "curfew/react";
import { attachWarning } from "curfew/warning";
import { type SubmitEvent, useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";
import { createNotesApp, type NotesView } from "./notes-app.js";
import { FACTS, type Fact, factsOf, lineOf, POLLER } from "./words.js";

const session = createSessionClient({ base: "/curfew" });
attachWarning(session);
const app = createNotesApp(session);
const root = document.querySelector("[data-app]");
if (root !== null) createRoot(root).render(<Page />);

function Page() {
  const state = useSession(session);
  const view = useSyncExternalStore(app.subscribe, app.view);
  return (
    <>
      <div className="heading">
        <h1>Ward notes</h1>
        <p className="saved" role="status" data-testid="save-status">
          {view.saveStatus}
        </p>
      </div>
      <div className="columns">
        <Notes notes={view.notes} />
        <aside>
          <section className="card">
            <h2>This session</h2>
            <p>Only what you do here moves the idle deadline.</p>
            <Facts labels={FACTS} facts={factsOf(state, view)} />
          </section>
          <section className="card">
            <h2>Requests</h2>
            <p>Every two seconds this page asks for the notes. That extends nothing.</p>
            <Facts labels={POLLER} facts={pollerFacts(view)} />
          </section>
          <Transfer view={view} />
        </aside>
      </div>
      <section className="card">
        <h2>Audit trail, live</h2>
        <Trail trail={view.trail} />
      </section>
    </>
  );
}

function Notes({ notes }: Pick<NotesView, "notes">) {
  return (
    <section className="notes" aria-label="Notes" data-testid="notes">
      {notes.map(({ id, title, text }) => (
        <label className="card note" key={id}>
          {title}
          <textarea
            data-testid={`note-${id}`}
            rows={4}
            value={text}
            onChange={(event) => app.edit(id, event.currentTarget.value)}
          />
        </label>
      ))}
    </section>
  );
}

function Facts<Id extends string>(props: { labels: Record<Id, string>; facts: Readonly<Record<Id, Fact>> }) {
  return (
    <dl>
      {(Object.keys(props.labels) as Id[]).map((id) => [
        <dt key={`${id} label`}>{props.labels[id]}</dt>,
        <dd key={id} data-testid={id} data-ms={props.facts[id].ms ?? undefined}>
          {props.facts[id].text}
        </dd>,
      ])}
    </dl>
  );
}

function pollerFacts({ pollCount, pollStatus }: NotesView): Record<keyof typeof POLLER, Fact> {
  return {
    "poll-count": { text: String(pollCount), ms: null },
    "poll-status": { text: pollStatus, ms: null },
  };
}

function Transfer({ view }: { view: NotesView }) {
  return (
    <section className="card">
      <h2>Transfer a record</h2>
      <p>Asks for your password, unless you have just given it.</p>
      <button type="button" className="primary" data-testid="transfer" onClick={() => void app.transfer()}>
        Transfer to City Hospital
      </button>
      {view.stepUp && <StepUp />}
      <p role="status" data-testid="transfer-result">
        {view.transferResult}
      </p>
    </section>
  );
}

/** A stable function: React calls it when the field appears, not at every drawing. */
const focus = (field: HTMLElement | null) => field?.focus();

function StepUp() {
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = new FormData(event.currentTarget).get("password");
    event.currentTarget.reset();
    void app.reauthenticate(String(password));
  };
  return (
    <form className="step-up" data-testid="reauth-form" onSubmit={submit}>
      <label>
        Your password again
        <input
          name="password"
          type="password"
          autoComplete="current-password"
          required
          data-testid="reauth-password"
          ref={focus}
        />
      </label>
      <button type="submit" className="primary" data-testid="reauth">
        Confirm and transfer
      </button>
    </form>
  );
}

function Trail({ trail }: Pick<NotesView, "trail">) {
  return (
    <ol className="trail" data-testid="audit-tail">
      {[...trail].reverse().map((record) => {
        const { at, time, type, words, session: sid } = lineOf(record);
        return (
          <li key={`${at} ${type} ${sid}`}>
            <time dateTime={at}>{time}</time>
            <code>{type}</code>
            <span>{words}</span>
            <small>{sid}</small>
          </li>
        );
      })}
    </ol>
  );
}
