/** The session, for every part of the app. Start reading here. */
import { DestroyRef, Injectable, inject, signal } from "@angular/core";
import { createSessionClient } from "curfew";
import { attachWarning } from "curfew/warning";

@Injectable({ providedIn: "root" })
export class SessionService {
  readonly #client = createSessionClient();
  readonly #state = signal(this.#client.state);
  /** A signal: `connecting`, `absent`, `active`, `warning`, `unconfirmed` or `ended`, and the times that go with it. */
  readonly state = this.#state.asReadonly();

  constructor() {
    const stop = this.#client.subscribe(() => this.#state.set(this.#client.state));
    const detach = attachWarning(this.#client);
    inject(DestroyRef).onDestroy(() => {
      stop();
      detach();
    });
  }

  /** Asks the server now: after a sign-in, and after a refusal. */
  refresh() {
    return this.#client.refresh();
  }

  signOut() {
    return this.#client.end();
  }
}
