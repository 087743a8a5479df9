/** The Vue page, in render functions: templates compiled in the browser need `eval`, which the policy of this page forbids. */
import { createSessionClient } from "curfew";
import { useSession } from "curfew/vue";
import { attachWarning } from "curfew/warning";
import { createApp, defineComponent, h, onScopeDispose, shallowRef, type VNode } from "vue";
import type { Note } from "./notes.js";
import { createNotesApp, type NotesView } from "./notes-app.js";
import { FACTS, type Fact, factsOf, lineOf, POLLER } from "./words.js";

const session = createSessionClient({ base: "/curfew" });
attachWarning(session);
const app = createNotesApp(session);

const Page = defineComponent(() => {
  const state = useSession(session);
  const view = shallowRef(app.view());
  onScopeDispose(app.subscribe(() => (view.value = app.view())));
  return () => [
    h("div", { class: "heading" }, [
      h("h1", "Ward notes"),
      h("p", { class: "saved", role: "status", "data-testid": "save-status" }, view.value.saveStatus),
    ]),
    h("div", { class: "columns" }, [
      h(
        "section",
        { class: "notes", "aria-label": "Notes", "data-testid": "notes" },
        view.value.notes.map(noteField),
      ),
      h("aside", [
        card(
          "This session",
          h("p", "Only what you do here moves the idle deadline."),
          facts(FACTS, factsOf(state.value, view.value)),
        ),
        card(
          "Requests",
          h("p", "Every two seconds this page asks for the notes. That extends nothing."),
          facts(POLLER, pollerFacts(view.value)),
        ),
        card("Transfer a record", ...transfer(view.value)),
      ]),
    ]),
    card("Audit trail, live", trail(view.value)),
  ];
});

createApp(Page).mount("[data-app]");

function card(title: string, ...content: readonly VNode[]): VNode {
  return h("section", { class: "card" }, [h("h2", title), ...content]);
}

function noteField({ id, title, text }: Note): VNode {
  const edit = (event: InputEvent) => app.edit(id, (event.currentTarget as HTMLTextAreaElement).value);
  const area = h("textarea", { "data-testid": `note-${id}`, rows: 4, value: text, onInput: edit });
  return h("label", { class: "card note", key: id }, [title, area]);
}

function facts<Id extends string>(labels: Record<Id, string>, values: Readonly<Record<Id, Fact>>): VNode {
  const rows = (Object.keys(labels) as Id[]).map((id) => [
    h("dt", labels[id]),
    h("dd", { "data-testid": id, "data-ms": values[id].ms }, values[id].text),
  ]);
  return h("dl", rows.flat());
}

function pollerFacts({ pollCount, pollStatus }: NotesView): Record<keyof typeof POLLER, Fact> {
  return {
    "poll-count": { text: String(pollCount), ms: null },
    "poll-status": { text: pollStatus, ms: null },
  };
}

function transfer({ stepUp, transferResult }: NotesView): readonly VNode[] {
  const press = {
    type: "button",
    class: "primary",
    "data-testid": "transfer",
    onClick: () => void app.transfer(),
  };
  return [
    h("p", "Asks for your password, unless you have just given it."),
    h("button", press, "Transfer to City Hospital"),
    ...(stepUp ? [stepUpForm()] : []),
    h("p", { role: "status", "data-testid": "transfer-result" }, transferResult),
  ];
}

function stepUpForm(): VNode {
  const field = h("input", {
    name: "password",
    type: "password",
    autocomplete: "current-password",
    required: true,
    "data-testid": "reauth-password",
    onVnodeMounted: ({ el }: VNode) => (el as HTMLInputElement).focus(),
  });
  const confirm = h("button", { class: "primary", "data-testid": "reauth" }, "Confirm and transfer");
  return h("form", { class: "step-up", "data-testid": "reauth-form", onSubmit: submit }, [
    h("label", ["Your password again", field]),
    confirm,
  ]);
}

function submit(event: SubmitEvent): void {
  event.preventDefault();
  const form = event.currentTarget as HTMLFormElement;
  const password = String(new FormData(form).get("password"));
  form.reset();
  void app.reauthenticate(password);
}

function trail({ trail: records }: NotesView): VNode {
  const lines = [...records].reverse().map((record) => {
    const { at, time, type, words, session: sid } = lineOf(record);
    return h("li", { key: `${at} ${type} ${sid}` }, [
      h("time", { datetime: at }, time),
      h("code", type),
      h("span", words),
      h("small", sid),
    ]);
  });
  return h("ol", { class: "trail", "data-testid": "audit-tail" }, lines);
}
