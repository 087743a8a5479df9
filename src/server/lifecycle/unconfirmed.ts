/** What is done where a store does not say whether a change took effect. */
import { StoreUnavailableError } from "../platform/errors.js";

/** What a record says besides of such a change. */
export type Confirmation = { readonly unconfirmed?: true };

export const UNCONFIRMED: Confirmation = { unconfirmed: true };

/** @param tell is called before the error goes on, where it is the store's */
export async function unlessUnknown<T>(work: () => Promise<T>, tell: () => void): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StoreUnavailableError) tell();
    throw error;
  }
}
