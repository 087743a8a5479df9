/** A random walk of people, tabs, network and server, and a walk that must fail. `npm run walk` takes a longer one. */

import { expect } from "./fixtures.js";
import { pace } from "./pace.js";
import { test } from "./real-tabs.js";
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

test("a client that does not cover its page is found out", async ({ tabs }) => {
  const { faults } = await walk(tabs, {
    seed: 1,
    period: MINUTE * pace,
    pace,
    isAlone,
    prepare: async (context) => {
      await context.addInitScript(() => {
        setInterval(() => {
          document.querySelector("#word")?.setAttribute("style", "visibility:visible!important");
        }, 50);
      });
    },
  });
  expect(faults.join("\n")).toMatch(/showed the protected word/);
});
