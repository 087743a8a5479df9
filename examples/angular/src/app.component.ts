import { HttpClient } from "@angular/common/http";
import { Component, computed, effect, inject, signal } from "@angular/core";
import { firstValueFrom, type Observable } from "rxjs";
import { SessionService } from "./session.service";

@Component({
  selector: "app-root",
  template: `
    @if (isSignedOut()) {
      <h1>Sign in</h1>
      <form (submit)="signIn($event)">
        <label>Name <input name="name" /></label>
        <label>Password <input type="password" name="password" /></label>
        <button>Sign in</button>
      </form>
    } @else if (session.state().status !== "connecting") {
      <h1>Notes</h1>
      <ul>
        @for (note of notes(); track $index) { <li>{{ note }}</li> }
      </ul>
      <form (submit)="save($event)">
        <label>Note <input name="note" /></label>
        <button>Save</button>
      </form>
      <button (click)="session.signOut()">Sign out</button>
    }
    <p role="status">{{ message() }}</p>
  `,
})
export class AppComponent {
  protected readonly session = inject(SessionService);
  readonly #http = inject(HttpClient);
  protected readonly notes = signal<readonly string[]>([]);
  protected readonly message = signal("");
  /** Not `ended`: what was written stays where it is, and the client covers it. */
  protected readonly isSignedOut = computed(() => this.session.state().status === "absent");
  readonly #isActive = computed(() => this.session.state().status === "active");

  constructor() {
    effect(() => {
      if (this.#isActive())
        void this.#ask(this.#http.get<string[]>("/api/notes")).then((notes) => this.notes.set(notes ?? []));
    });
  }

  protected async signIn(event: Event) {
    await this.#ask(this.#http.post("/api/sign-in", fieldsOf(event)));
    await this.session.refresh();
  }

  protected async save(event: Event) {
    const form = event.target;
    const notes = await this.#ask(this.#http.post<string[]>("/api/notes", fieldsOf(event)));
    if (notes === undefined) return;
    this.notes.set(notes);
    if (form instanceof HTMLFormElement) form.reset();
  }

  async #ask<Answer>(question: Observable<Answer>): Promise<Answer | undefined> {
    this.message.set("");
    try {
      return await firstValueFrom(question);
    } catch {
      this.message.set("That did not work.");
      return undefined;
    }
  }
}

function fieldsOf(event: Event): Record<string, unknown> {
  event.preventDefault();
  return event.target instanceof HTMLFormElement ? Object.fromEntries(new FormData(event.target)) : {};
}
