interface Window {
  readonly Curfew: { readonly session: { refresh(): Promise<unknown> } };
}
