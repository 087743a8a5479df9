import { webcrypto } from "node:crypto";
import AxeBuilder from "@axe-core/playwright";
import { expect, post, statusOf, test } from "./fixtures.js";

/** What the server finds is the same in every engine. */
const CHROMIUM = { tag: "@chromium" };

test(
  "the page of the alerts fills when somebody misbehaves: a script moves the mouse, a cookie is copied, an ended session is used",
  CHROMIUM,
  async ({ page, context, openSignedIn }) => {
    const demo = await openSignedIn({ CURFEW_IDLE: "20s", CURFEW_WARNING: "5s", CURFEW_HEARTBEAT: "500ms" });
    const watching = await context.newPage();
    await watching.goto(`${demo.url}/alerts`);
    await expect(watching.getByTestId("alert-count")).toHaveText("Nothing has been found.");
    const alerts = watching.getByTestId("alerts");
    await page.bringToFront();

    await expect
      .poll(async () => {
        for (let move = 0; move < 12; move++) await page.mouse.move(100 + 3 * move, 200 + (move % 7));
        return alerts.textContent();
      })
      .toContain("machine-like");
    await expect(alerts).toContainText("one kind of input (pointer)");

    const { sid, nonce, key } = await statusOf(page);
    const heartbeat = await signedByAnotherKey(sid, nonce, key, demo.url);
    expect((await post(page, "/heartbeat", { heartbeat })).status).toBe(400);
    await expect(alerts).toContainText("heartbeat_refused: signature");

    const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
    await page.getByTestId("sign-out").click();
    await page.waitForURL(/\/login/);
    expect((await fetch(`${demo.url}/api/notes`, { headers: { cookie } })).status).toBe(401);
    await expect(alerts).toContainText("used-after-end");

    await watching.bringToFront();
    await watching.keyboard.press("Tab");
    await expect(watching.getByRole("link", { name: "Skip to the content" })).toBeFocused();
    await watching.keyboard.press("Tab");
    await watching.keyboard.press("Tab");
    const links = watching.getByRole("navigation", { name: "Pages" });
    await expect(links.getByRole("link", { name: "Alerts" })).toHaveAttribute("aria-current", "page");
    await links.getByRole("link", { name: "Audit trail" }).press("Enter");
    await watching.waitForURL(/\/audit$/);
    await watching.goBack();
    const { violations } = await new AxeBuilder({ page: watching }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
  },
);

/** With the key's name and somebody else's signature: what whoever has copied the cookie alone can send. */
async function signedByAnotherKey(
  sid: string,
  nonce: string,
  kid: string | null,
  aud: string,
): Promise<string> {
  const counts = { pointer: 1, key: 0, touch: 0, wheel: 0, media: 0, other: 0 };
  const payload = {
    v: 1,
    aud,
    sid,
    nonce,
    activeAt: Date.now(),
    intent: "activity",
    counts,
    automated: false,
  };
  const text = [{ alg: "ES256", typ: "curfew-heartbeat+jwt", kid }, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const { privateKey } = await webcrypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
  const hashed = { name: "ECDSA", hash: "SHA-256" };
  const signature = await webcrypto.subtle.sign(hashed, privateKey, Buffer.from(text));
  return `${text}.${Buffer.from(signature).toString("base64url")}`;
}
