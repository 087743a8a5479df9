/** What the three pages share: the notes, the poller and the transfer; everything but the drawing. */
import type { Problem, SessionClient } from "curfew";
import type { AuditRecord } from "curfew/server";
import type { Note } from "./notes.js";

export interface NotesView {
  readonly notes: readonly Note[];
  readonly saveStatus: string;
  readonly pollCount: number;
  readonly pollStatus: string;
  /** By the last answer: when the person was active, and how long that holds. Null before it. */
  readonly lastActiveAt: number | null;
  readonly idleTimeout: number | null;
  /** `session.remaining()`, looked at several times a second. */
  readonly remaining: number | null;
  /** Whether the password is asked for again. */
  readonly stepUp: boolean;
  readonly transferResult: string;
  /** The newest records, oldest first. */
  readonly trail: readonly AuditRecord[];
}

export interface NotesApp {
  readonly view: () => NotesView;
  readonly subscribe: (listener: () => void) => () => void;
  edit(id: string, text: string): void;
  transfer(): Promise<void>;
  reauthenticate(password: string): Promise<void>;
}

interface Answer {
  /** 0 where no answer came. */
  readonly status: number;
  readonly problem: Problem | null;
  readonly body: unknown;
}

/** What `GET /api/notes` says. */
interface NotesAnswer {
  readonly notes: readonly Note[];
  readonly lastActiveAt: number;
  readonly idleExpiresAt: number;
}

const POLL_INTERVAL = 2_000;
const TICK_INTERVAL = 200;
const SAVE_DELAY = 400;
const JSON_BODY = { Accept: "application/json", "Content-Type": "application/json" };

export function createNotesApp(session: SessionClient): NotesApp {
  let view: NotesView = {
    notes: [],
    saveStatus: "",
    pollCount: 0,
    pollStatus: "–",
    lastActiveAt: null,
    idleTimeout: null,
    remaining: null,
    stepUp: false,
    transferResult: "",
    trail: [],
  };
  const listeners = new Set<() => void>();
  /** Edits that the server does not have yet, by note. */
  const drafts = new Map<string, string>();
  let saveTimer = 0;

  function change(news: Partial<NotesView>): void {
    view = { ...view, ...news };
    for (const listener of listeners) listener();
  }

  /** The app's own fetch wrapper: a Curfew 401 makes the client ask the server. */
  async function ask(path: string, init: RequestInit = {}): Promise<Answer> {
    try {
      const response = await fetch(path, { headers: JSON_BODY, ...init });
      const problem = await session.read(response);
      return { status: response.status, problem, body: await response.json().catch(() => null) };
    } catch {
      return { status: 0, problem: null, body: null };
    }
  }

  async function poll(): Promise<void> {
    const [answer, trail] = await Promise.all([ask("/api/notes"), ask("/audit?last=8")]);
    change({ pollCount: view.pollCount + 1, pollStatus: sentenceOf(answer) });
    if (Array.isArray(trail.body)) change({ trail: trail.body as readonly AuditRecord[] });
    if (answer.status !== 200) return;
    const { notes, lastActiveAt, idleExpiresAt } = answer.body as NotesAnswer;
    change({ notes: notes.map(withDraft), lastActiveAt, idleTimeout: idleExpiresAt - lastActiveAt });
    if (drafts.size > 0 && saveTimer === 0) await save();
  }

  function withDraft(note: Note): Note {
    return { ...note, text: drafts.get(note.id) ?? note.text };
  }

  async function save(): Promise<void> {
    clearTimeout(saveTimer);
    saveTimer = 0;
    for (const [id, text] of drafts) {
      const { status } = await ask(`/api/notes/${id}`, { method: "PUT", body: JSON.stringify({ text }) });
      if (status === 204 && drafts.get(id) === text) drafts.delete(id);
    }
    change({ saveStatus: drafts.size === 0 ? "All changes saved" : "Not saved yet" });
  }

  async function transfer(): Promise<void> {
    change({ stepUp: false, transferResult: "" });
    const { status, problem } = await ask("/api/transfer", { method: "POST", body: "{}" });
    if (status === 200) change({ transferResult: "The record was transferred to City Hospital." });
    else if (problem?.type !== "urn:curfew:step-up")
      change({ transferResult: "The record was not transferred. Please try again." });
  }

  async function reauthenticate(password: string): Promise<void> {
    const headers = { Accept: "application/json" };
    const body = new URLSearchParams({ password });
    const answer = await ask("/reauth", { method: "POST", body, headers });
    if (answer.status !== 204) return change({ transferResult: titleOf(answer) });
    await session.refresh();
    await transfer();
    // The form that had the focus is gone.
    document.querySelector<HTMLElement>('[data-testid="transfer"]')?.focus();
  }

  /** By the client, so that every other tab hears of it at once; the form's own way is for pages without script. */
  async function signOut(event: Event): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    try {
      await session.end();
      location.assign("/login");
    } catch {
      form.submit();
    }
  }

  document.querySelector("form.who")?.addEventListener("submit", (event) => void signOut(event));
  session.on("step-up", () => change({ stepUp: true }));
  session.on("before-end", (event) => event.waitUntil(save()));
  setInterval(() => change({ remaining: session.remaining() }), TICK_INTERVAL);
  setInterval(() => void poll(), POLL_INTERVAL);
  void poll();

  return {
    view: () => view,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    edit(id, text) {
      drafts.set(id, text);
      change({ notes: view.notes.map(withDraft), saveStatus: "Saving…" });
      clearTimeout(saveTimer);
      saveTimer = window.setTimeout(() => void save(), SAVE_DELAY);
    },
    transfer,
    reauthenticate,
  };
}

/** `200`, or `401 urn:curfew:session-ended, idle`. */
function sentenceOf({ status, problem }: Answer): string {
  if (status === 0) return "no answer";
  if (problem === null) return String(status);
  return `${status} ${problem.type}${problem.reason === undefined ? "" : `, ${problem.reason}`}`;
}

function titleOf({ status, body }: Answer): string {
  const title: unknown = Object(body).title;
  return status !== 0 && typeof title === "string" ? title : "The server does not answer. Please try again.";
}
