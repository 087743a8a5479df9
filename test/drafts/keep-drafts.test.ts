// @vitest-environment happy-dom
// What is kept of a form, whose it is, and when it is gone.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { keepDrafts } from "../../src/drafts/keep-drafts.js";
import { createTestSession } from "../../src/testing/create-test-session.js";
import type { TestSession } from "../../src/testing/test-session.types.js";

let session: TestSession;
let stop: () => void;

const FORM = `<form data-curfew-draft id="claim">
  <input name="title"><textarea name="story"></textarea>
  <input name="agree" type="checkbox"><input name="size" type="radio" value="s"><input name="size" type="radio" value="l">
  <select name="colours" multiple><option>red</option><option>blue</option><option>green</option></select>
  <input name="phone"><input name="phone">
  <input name="secret" type="password"><input name="card" autocomplete="section-a cc-number">
  <input name="code" autocomplete="one-time-code"><input name="token" type="hidden" value="t">
  <fieldset data-no-draft><input name="private"></fieldset>
  <input class="nameless">
</form>
<form id="search"><input name="q"></form>`;

beforeEach(async () => {
  sessionStorage.clear();
  document.body.innerHTML = FORM;
  session = createTestSession();
  stop = keepDrafts(session);
  await session.refresh();
});

afterEach(() => {
  stop();
  session.close();
});

const field = (name: string, turn = 0) => document.getElementsByName(name)[turn] as HTMLInputElement;

function type(name: string, value: string, turn = 0): void {
  field(name, turn).value = value;
  field(name, turn).dispatchEvent(new Event("input", { bubbles: true }));
}

function check(name: string, turn = 0): void {
  field(name, turn).checked = true;
  field(name, turn).dispatchEvent(new Event("change", { bubbles: true }));
}

/** The page is loaded anew: fresh fields, the same tab's storage, the same browser session or the one that follows. */
async function reload(): Promise<void> {
  stop();
  document.body.innerHTML = FORM;
  stop = keepDrafts(session);
  await session.refresh();
  await session.refresh();
}

/** It ends while the person is away, and they sign in again. */
async function signInAgain(): Promise<void> {
  await session.advance("20m");
  expect(session.state.status).toBe("ended");
  stop();
  await session.server.signIn();
}

const kept = () => JSON.stringify(Object.entries({ ...sessionStorage }));

describe("a form that asks for it", () => {
  test("is as it was after a sign-in by the same person", async () => {
    type("title", "Roof");
    type("story", "It was\na storm");
    check("agree");
    check("size", 1);
    type("phone", "1", 0);
    type("phone", "2", 1);
    const colours = document.querySelector("select") as HTMLSelectElement;
    for (const at of [0, 2]) (colours.options[at] as HTMLOptionElement).selected = true;
    colours.dispatchEvent(new Event("change", { bubbles: true }));
    await signInAgain();
    await reload();
    expect([field("title").value, field("story").value]).toEqual(["Roof", "It was\na storm"]);
    expect([field("agree").checked, field("size", 0).checked, field("size", 1).checked]).toEqual([
      true,
      false,
      true,
    ]);
    expect([field("phone", 0).value, field("phone", 1).value]).toEqual(["1", "2"]);
    const { options } = document.querySelector("select") as HTMLSelectElement;
    expect([...options].map(({ selected }) => selected)).toEqual([true, false, true]);
  });

  test("is as it was after a plain reload too", async () => {
    type("title", "Roof");
    await reload();
    expect(field("title").value).toBe("Roof");
  });

  test("tells the page of each field and of the whole", async () => {
    type("title", "Roof");
    type("story", "Storm");
    await signInAgain();
    const heard: string[] = [];
    const listen = (event: Event) =>
      heard.push(`${event.type} ${(event as CustomEvent<{ fields: number }>).detail?.fields ?? ""}`);
    for (const name of ["input", "change", "curfew-draft-restored"]) document.addEventListener(name, listen);
    await reload();
    for (const name of ["input", "change", "curfew-draft-restored"])
      document.removeEventListener(name, listen);
    expect(heard).toEqual(["input ", "change ", "input ", "change ", "curfew-draft-restored 2"]);
  });

  test("leaves nothing behind for another person", async () => {
    type("title", "Roof");
    const place = `curfew-draft:${location.pathname}#claim`;
    sessionStorage.setItem(
      place,
      (sessionStorage.getItem(place) ?? "").replace(/"sid":"[^"]*"/, '"sid":"of-bob"'),
    );
    await reload();
    expect(field("title").value).toBe("");
    expect(kept()).not.toContain("Roof");
  });

  test("is kept, and not shown, while the server does not say whose it is", async () => {
    type("title", "Roof");
    const place = `curfew-draft:${location.pathname}#claim`;
    sessionStorage.setItem(
      place,
      (sessionStorage.getItem(place) ?? "").replace(/"sid":"[^"]*"/, '"sid":"before"'),
    );
    stop();
    await session.server.disconnect();
    document.body.innerHTML = FORM;
    stop = keepDrafts(session);
    await session.refresh();
    expect(field("title").value).toBe("");
    expect(kept()).toContain("Roof");
  });

  test("leaves nothing behind when the person signs out, or is signed out by someone else", async () => {
    type("title", "Roof");
    expect(kept()).toContain("Roof");
    await session.end();
    expect(kept()).not.toContain("Roof");
  });

  test("leaves nothing behind when the session is revoked", async () => {
    type("title", "Roof");
    await session.server.end("revoked");
    expect(kept()).not.toContain("Roof");
  });

  test("that was sent and taken is no draft any more", async () => {
    type("title", "Roof");
    field("title").form?.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    await reload();
    expect(field("title").value).toBe("");
    expect(kept()).not.toContain("Roof");
  });

  test("that was sent after the end is kept until the sign-in", async () => {
    type("title", "Roof");
    field("title").form?.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    await signInAgain();
    await reload();
    expect(field("title").value).toBe("Roof");
  });

  test("that was reset is no draft any more", () => {
    type("title", "Roof");
    field("title").form?.dispatchEvent(new Event("reset", { bubbles: true }));
    expect(kept()).not.toContain("Roof");
  });
});

describe("never kept", () => {
  test.each(["secret", "card", "code", "token", "private"])("the field %s", (name) => {
    type(name, "4111-never");
    type("title", "Roof");
    expect(kept()).toContain("Roof");
    expect(kept()).not.toContain("4111-never");
  });

  test("a field without a name, and a form that does not ask for it", () => {
    const nameless = document.querySelector(".nameless") as HTMLInputElement;
    nameless.value = "nobody";
    nameless.dispatchEvent(new Event("input", { bubbles: true }));
    type("q", "something");
    expect(kept()).not.toMatch(/nobody|something/);
  });

  test("anything while nobody is signed in", async () => {
    await session.end();
    type("title", "Roof");
    expect(kept()).not.toContain("Roof");
  });
});

describe("what is kept", () => {
  test("stays on its page", async () => {
    type("title", "Roof");
    const draft = sessionStorage.getItem(`curfew-draft:${location.pathname}#claim`);
    sessionStorage.clear();
    sessionStorage.setItem("curfew-draft:/elsewhere#claim", draft ?? "");
    await reload();
    expect(field("title").value).toBe("");
    expect(kept()).toContain("Roof");
  });

  test("is gone when it is too old, from the future, or not to be read", async () => {
    type("title", "Roof");
    const place = `curfew-draft:${location.pathname}#claim`;
    const draft = JSON.parse(sessionStorage.getItem(place) ?? "{}");
    for (const wrong of [
      JSON.stringify({ ...draft, keptAt: Date.now() - 24 * 3_600_000 - 1000 }),
      JSON.stringify({ ...draft, keptAt: Date.now() + 60_000 }),
      JSON.stringify({ ...draft, sid: 7 }),
      "{",
      "null",
    ]) {
      sessionStorage.setItem(place, wrong);
      await reload();
      expect(field("title").value).toBe("");
      expect(sessionStorage.getItem(place)).toBeNull();
    }
  });

  test.each([0, -1, Number.NaN, 24 * 3_600_000 + 1])("is not kept for %d ms", (maxAge) => {
    expect(() => keepDrafts(session, { maxAge })).toThrow(/Give milliseconds from 1 to 86400000/);
  });
});
