/** Asks for `jose`, an optional peer: what only an app that hears of its provider needs. */
import { ConfigurationError } from "../platform/errors.js";

type Jose = typeof import("jose");

let loading: Promise<Jose> | null = null;

/** @throws ConfigurationError where it is not installed */
export function loadJose(): Promise<Jose> {
  loading ??= import("jose").catch((error: unknown) => {
    loading = null;
    throw new ConfigurationError(
      'oidc() needs the package "jose", which cannot be loaded: run `npm install jose@6` beside curfew',
      { cause: error },
    );
  });
  return loading;
}
