import engines from "../scripts/engines.json" with { type: "json" };
import { isStatedTruly, statedEngines } from "./engines.js";
import { expect, test } from "./fixtures.js";

test("the table of docs/browsers.md names the engines that the tests run in, and no other", () => {
  expect(statedEngines().map(({ name }) => name)).toEqual(Object.values(engines).map(({ name }) => name));
});

test("docs/browsers.md states no newer version of this engine than the one that runs here", ({
  browser,
  browserName,
}) => {
  const name = browserName === "firefox" ? engines.firefox.name : engines.chromium.name;
  expect(isStatedTruly(name, browser.version()), browser.version()).toBe(true);
});
