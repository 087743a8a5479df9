/**
 * The conformance suite for stores: every promise of `SessionStore` as a case for any test runner.
 *
 * ```ts
 * for (const { name, run } of storeConformance({ open })) test(name, run);
 * ```
 */
import { OUTBOX_CHECKS } from "./store-conformance-outbox.js";
import { racesCheck } from "./store-conformance-races.js";
import { SUBJECT_CHECKS } from "./store-conformance-subjects.js";
import { CLOCK_CHECKS, DUE_CHECKS, END_CHECKS, KEEPING_CHECKS } from "./store-conformance-times.js";
import type {
  Check,
  Checks,
  ConformanceCase,
  OpenedStore,
  StoreConformanceOptions,
} from "./store-conformance-types.js";
import { VERIFIER_CHECKS } from "./store-conformance-verifier.js";
import { VERSION_CHECKS } from "./store-conformance-versions.js";
import { RECORD_CHECKS } from "./store-conformance-writes.js";

export type { ConformanceCase, OpenedStore, StoreConformanceOptions } from "./store-conformance-types.js";

const INTERLEAVINGS = 10_000;

/**
 * The cases that a store must pass. Each opens a store of its own by `open` and closes it.
 * @param options.open makes a new, empty store on a clock that stands still but for `advance`
 */
export function storeConformance(options: StoreConformanceOptions): readonly ConformanceCase[] {
  const { open, interleavings = INTERLEAVINGS } = options;
  const races: Checks = [
    [
      `never revives a session in ${interleavings} races of heartbeat, end and deadline`,
      racesCheck(interleavings),
    ],
  ];
  const stores = [
    ...RECORD_CHECKS,
    ...SUBJECT_CHECKS,
    ...DUE_CHECKS,
    ...KEEPING_CHECKS,
    ...OUTBOX_CHECKS,
    ...END_CHECKS,
    ...CLOCK_CHECKS,
    ...VERSION_CHECKS,
    ...races,
  ];
  return [
    ...stores.map(([name, check]) => ({ name, run: () => over(open, check, closeStores) })),
    // A verifier closes its store itself.
    ...VERIFIER_CHECKS.map(([name, check]) => ({ name, run: () => over(open, check) })),
  ];
}

async function over(
  open: StoreConformanceOptions["open"],
  check: Check,
  closeAll: (opened: OpenedStore) => Promise<void> = async () => {},
): Promise<void> {
  const opened = await open();
  try {
    await opened.store.check?.();
    await check({ ...opened, peer: opened.peer ?? opened.store });
  } finally {
    await closeAll(opened);
    await opened.close?.();
  }
}

async function closeStores({ store, peer }: OpenedStore): Promise<void> {
  await store.close();
  if (peer !== undefined && peer !== store) await peer.close();
}
