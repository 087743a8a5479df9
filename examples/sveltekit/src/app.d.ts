import type { Session } from "curfew/server";

declare global {
  namespace App {
    interface Locals {
      /** Who is signed in; not there on the paths that are open. */
      session: Session;
    }
  }
  interface Window {
    readonly Curfew: { readonly session: { refresh(): Promise<unknown> } };
  }
}
