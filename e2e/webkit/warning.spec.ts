import {
  dialogText,
  expect,
  focused,
  KEYS,
  openDialog,
  ROOMY,
  shownAs,
  signIn,
  statusOf,
  test,
} from "./fixtures.js";

/** For this long after opening, the dialog takes no answer, so that nobody answers it by accident. */
const GUARD_PERIOD = 700;

test("the warning is an alertdialog with a name, has the focus, and is answered with the keyboard alone", async ({
  webkit,
  openDemo,
}) => {
  const { url } = await openDemo(ROOMY);
  await signIn(webkit, url);
  await webkit.click(await webkit.find("[data-testid=note-1]"));
  await expect.poll(() => dialogText(webkit)).toContain("Stay signed in");
  const opened = await openDialog(webkit);
  expect(await webkit.roleOf(opened)).toBe("alertdialog");
  expect(await webkit.nameOf(opened)).toBe("You will be signed out soon");
  expect(await focused(webkit)).toBe("Stay signed in");
  const before = await statusOf(webkit, url);
  await new Promise((resolve) => setTimeout(resolve, GUARD_PERIOD));
  await webkit.press(KEYS.tab);
  expect(await focused(webkit)).toBe("Sign out now");
  await webkit.press(KEYS.tab, KEYS.shift);
  expect(await focused(webkit)).toBe("Stay signed in");
  await webkit.press(KEYS.enter);
  await expect.poll(() => dialogText(webkit)).toBe("");
  expect((await statusOf(webkit, url)).expiresAt).toBeGreaterThan(before.expiresAt);
  expect(await focused(webkit)).toBe("note-1");
});

test("Escape means Stay signed in", async ({ webkit, openDemo }) => {
  const { url } = await openDemo(ROOMY);
  await signIn(webkit, url);
  await expect.poll(() => dialogText(webkit)).toContain("Stay signed in");
  const before = await statusOf(webkit, url);
  await new Promise((resolve) => setTimeout(resolve, GUARD_PERIOD));
  await webkit.press(KEYS.escape);
  await expect.poll(() => dialogText(webkit)).toBe("");
  expect((await statusOf(webkit, url)).expiresAt).toBeGreaterThan(before.expiresAt);
});

test("from sign-in over warning and end to the next sign-in, on time", async ({ webkit, openDemo }) => {
  const { url } = await openDemo({ ...ROOMY, CURFEW_IDLE: "6s", CURFEW_WARNING: "3s" });
  await signIn(webkit, url);
  expect(await shownAs(webkit, "state")).toBe("active");
  await expect.poll(() => shownAs(webkit, "state")).toBe("warning");
  const { expiresAt } = await statusOf(webkit, url);
  await expect.poll(() => shownAs(webkit, "state")).toBe("ended");
  expect(await statusOf(webkit, url)).toMatchObject({ reason: "idle", endedAt: expiresAt });
  expect(await dialogText(webkit)).toContain("We signed you out");
  expect(
    await webkit.run(
      "return document.querySelector('[data-testid=note-1]').checkVisibility({ visibilityProperty: true });",
    ),
  ).toBe(false);
  await signIn(webkit, url);
  await expect.poll(() => shownAs(webkit, "state")).toBe("active");
  expect(await dialogText(webkit)).toBe("");
});
