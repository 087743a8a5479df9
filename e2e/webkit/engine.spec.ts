import engines from "../../scripts/engines.json" with { type: "json" };
import { isStatedTruly } from "../engines.js";
import { expect, SHORT, signIn, test } from "./fixtures.js";

test("the README states no newer version of this engine than the one that runs here", ({ webkit }) => {
  expect(isStatedTruly(engines.webkit.name, webkit.version), webkit.version).toBe(true);
});

test("over plain http, even from the machine itself, this engine keeps no Secure cookie, and with a plain one it does", async ({
  webkit,
  openDemo,
}) => {
  const { url } = await openDemo({ CURFEW_IDLE: "75s", CURFEW_WARNING: "25s" });
  await webkit.goto(`${url}/login`);
  await webkit.fill(await webkit.find("[data-testid=username]"), "ann");
  await webkit.fill(await webkit.find("[data-testid=password]"), "demo");
  await webkit.run("window.isBefore = true;");
  await webkit.click(await webkit.find("[data-testid=sign-in]"));
  await expect.poll(() => webkit.run("return window.isBefore ?? false;")).toBe(false);
  expect(await webkit.url()).toMatch(/\/login/);
  expect(await webkit.cookies()).toEqual([]);
  const plain = await openDemo(SHORT);
  await signIn(webkit, plain.url);
  expect(await webkit.cookies()).toHaveLength(1);
});
