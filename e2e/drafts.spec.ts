import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { createSessionVerifier, memoryStore } from "../src/server/index.js";
import { test as base, dialog, expect, expectAnswerable, paced, statusOf, wait } from "./fixtures.js";
import { pacedText } from "./pace.js";

/** A small app of forms that are sent by navigation: `/claim` is guarded, and so is what its form is sent to. */
const test = base.extend<{ readonly site: Site }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
  site: async ({}, use) => {
    const site = await open();
    await use(site);
    await site.close();
  },
});

interface Site {
  readonly url: string;
  /** What the guarded address has taken. */
  readonly saved: readonly string[];
  /** Ends the session on the server, which tells no page of it. */
  end(): Promise<void>;
  close(): Promise<void>;
}

const CLAIM = `<!doctype html><html lang="en"><title>Claim</title>
<script src="/curfew/curfew.js" defer></script><script src="/curfew/curfew-drafts.js" defer></script>
<script src="/app.js" defer></script>
<form method="post" action="/claim/save" data-curfew-draft>
<input name="title" aria-label="title"><textarea name="story" aria-label="story"></textarea>
<input name="pin" type="password" aria-label="pin"><button>Save</button></form>`;

/** Saves to a guarded address before the end, in both phases. */
const APP = `Curfew.session.on("before-end", ({ phase, waitUntil }) => {
  const text = document.querySelector("textarea").value;
  if (phase === "soon") waitUntil(fetch("/claim/save", { method: "POST", body: "soon=" + text }));
  else localStorage.setItem("copy", text);
});`;

async function open(): Promise<Site> {
  const saved: string[] = [];
  const sessions = createSessionVerifier({
    policy: {
      idle: pacedText("6s"),
      warning: pacedText("4s"),
      absolute: "1h",
      heartbeat: pacedText("500ms"),
      unsafeForTesting: true,
    },
    store: memoryStore(),
    signInUrl: "/login",
  });
  const [routes, guard] = [sessions.routes(), sessions.guard()];
  const sids: string[] = [];

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://app.example");
    if (pathname === "/app.js") response.setHeader("Content-Type", "text/javascript").end(APP);
    else if (pathname === "/login") {
      const back = searchParams.get("return") ?? "/claim";
      const links = ["ann", "bob"].map(
        (who) => `<a href="/enter?as=${who}&return=${encodeURIComponent(back)}">${who}</a>`,
      );
      html(
        response,
        `<!doctype html><title>Sign in</title><script src="/curfew/curfew.js" defer></script>${links.join(" ")}`,
      );
    } else if (pathname === "/enter") {
      const subject = searchParams.get("as") ?? "";
      const session = await sessions.start(request, response, { subject });
      sids.push(session.sid);
      response.writeHead(303, { Location: searchParams.get("return") ?? "/claim" }).end();
    } else guard(request, response, () => void take(request, response));
  }

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "POST") return html(response, CLAIM);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    saved.push(Buffer.concat(chunks).toString());
    html(
      response,
      `<!doctype html><title>Saved</title><h1>Saved</h1>
<script src="/curfew/curfew.js" defer></script><script src="/curfew/curfew-drafts.js" defer></script>`,
    );
  }

  const server = createServer((request, response) =>
    routes(request, response, () => void serve(request, response)),
  );
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    saved,
    end: async () => void (await sessions.end(sids.at(-1) ?? "", "revoked")),
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await sessions.close();
    },
  };
}

function html(response: ServerResponse, text: string): void {
  response.setHeader("Content-Type", "text/html; charset=utf-8").end(text);
}

async function enter(page: Page, { url }: Site): Promise<void> {
  await page.goto(`${url}/enter?as=ann`);
  await expect.poll(async () => (await statusOf(page)).key).not.toBeNull();
}

async function write(page: Page): Promise<void> {
  await page.getByLabel("title").pressSequentially("Roof");
  await page.getByLabel("story").pressSequentially("It was a storm");
  await page.getByLabel("pin").pressSequentially("0000");
}

test("a form that is sent after the end comes back to its page with all that was typed, but for the password", async ({
  page,
  site,
}) => {
  // Without the client's script the page cannot know of the end before it sends.
  await enter(page, site);
  await write(page);
  await page.evaluate(() => Curfew.session.close());
  await expect.poll(async () => (await statusOf(page)).type).toBe("urn:curfew:session-ended");
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForURL(/\/login\?return=%2Fclaim$/);
  await page.getByRole("link", { name: "ann" }).click();
  await page.waitForURL(`${site.url}/claim`);
  await expect(page.getByLabel("story")).toHaveValue("It was a storm");
  await expect(page.getByLabel("title")).toHaveValue("Roof");
  await expect(page.getByLabel("pin")).toHaveValue("");
  expect(site.saved).toEqual([]);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Saved" })).toBeVisible();
  expect(site.saved).toEqual(["title=Roof&story=It+was+a+storm&pin="]);
  await page.goto(`${site.url}/claim`);
  await wait(paced(300));
  await expect(page.getByLabel("title")).toHaveValue("");
});

declare const Curfew: { readonly session: { close(): void } };

test("another person who signs in finds nothing of it", async ({ page, site }) => {
  await enter(page, site);
  await write(page);
  await expect(dialog(page)).toContainText("We signed you out");
  await page.goto(`${site.url}/login?return=%2Fclaim`);
  await page.getByRole("link", { name: "bob" }).click();
  await page.waitForURL(`${site.url}/claim`);
  await expect.poll(async () => (await statusOf(page)).key).not.toBeNull();
  await expect.poll(() => page.evaluate(() => JSON.stringify({ ...sessionStorage }))).not.toContain("storm");
  await expect(page.getByLabel("title")).toHaveValue("");
});

test("an end by someone else leaves no draft in the browser", async ({ page, site }) => {
  await enter(page, site);
  await write(page);
  expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).toContain("storm");
  await site.end();
  await expect(dialog(page)).toContainText("We signed you out");
  expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).not.toContain("storm");
});

test("the app saves to a guarded address while it still can, and only here when it is over", async ({
  page,
  site,
}) => {
  await enter(page, site);
  await write(page);
  await expect(dialog(page)).toContainText("We signed you out");
  expect(site.saved).toEqual(["soon=It was a storm"]);
  expect(await page.evaluate(() => localStorage.getItem("copy"))).toBe("It was a storm");
});

test("a sign-in in a new tab uncovers the page where it was: values, selection, focus and scroll", async ({
  page,
  context,
  site,
}) => {
  await enter(page, site);
  await write(page);
  await page.evaluate(() => {
    document.body.style.height = "4000px";
    scrollTo(0, 900);
    const story = document.querySelector("textarea");
    story?.focus({ preventScroll: true });
    story?.setSelectionRange(3, 6);
  });
  await expect(dialog(page)).toContainText("We signed you out");
  await expectAnswerable(page);
  const opening = context.waitForEvent("page");
  await page.getByRole("link", { name: "Sign in again" }).click();
  const other = await opening;
  await other.getByRole("link", { name: "ann" }).click();
  await other.waitForURL(`${site.url}/claim`);
  await expect(dialog(page)).toBeHidden();
  await page.bringToFront();
  const where = await page.evaluate(() => {
    const story = document.querySelector("textarea");
    const isFocused = document.activeElement === story;
    return [story?.value, story?.selectionStart, story?.selectionEnd, isFocused, scrollY];
  });
  expect(where).toEqual(["It was a storm", 3, 6, true, 900]);
  await expect(page.getByLabel("pin")).toHaveValue("0000");
});
