/** A random walk of people, tabs, network and server, and a walk that must fail. `npm run walk` takes a longer one. */

import { expect } from "./fixtures.js";
import { pace } from "./pace.js";
import { test } from "./real-tabs.js";
import { PLANTED } from "./walk/planted.js";
import { walk } from "./walk/walk.js";

const MINUTE = 60_000;
const minutes = Number(process.env.WALK_MINUTES ?? 2);
/** `npm run walk` says how long; in the suite other tests run beside it. */
const isAlone = process.env.WALK_MINUTES !== undefined;
const seed = Number(process.env.WALK_SEED ?? Math.floor(Date.now() / 1_000) % 1_000_000);

test("nothing that the rules forbid happens in a random walk", async ({ tabs }) => {
  test.setTimeout(minutes * MINUTE + 2 * MINUTE * pace);
  console.log(`The walk's seed is ${seed}: npm run walk -- --seed ${seed} --minutes ${minutes}`);
  const { faults, steps, samples, sessions } = await walk(tabs, {
    seed,
    period: minutes * MINUTE,
    pace,
    isAlone,
  });
  expect(faults, `seed ${seed}\n${steps.join("\n")}`).toEqual([]);
  console.log(`${steps.length} steps, ${sessions} sessions, ${samples} looks at pages.`);
  expect(samples).toBeGreaterThan(0);
});

/** In the suite one such walk shows that the judge is awake; `npm run walk -- --planted` takes them all. */
for (const [fault, { prepare, found }] of Object.entries(PLANTED).slice(0, process.env.WALK_PLANTED ? 99 : 1))
  test(`${fault} is found out`, async ({ tabs }) => {
    const { faults, steps } = await walk(tabs, {
      seed: 1,
      period: 2 * MINUTE * pace,
      pace,
      isAlone,
      prepare,
    });
    expect(faults.join("\n"), steps.join("\n")).toMatch(found);
  });
