/** An address as the page's own origin reads it. */
import { expect, test } from "vitest";
import { addressIn } from "../../src/dom/page-address.js";

/** A page at `href`, with what its `<base>` element says. */
function page(href: string, base = href, origin = new URL(href).origin): Window {
  const { pathname, origin: own } = new URL(href);
  return {
    document: { baseURI: base },
    location: { href, pathname, origin: own },
    origin,
  } as unknown as Window;
}

const PAGE = "https://app.example/ward/list?page=2";

test.each([
  ["a path", page(PAGE), "/curfew", "https://app.example/curfew"],
  ["a relative path", page(PAGE), "curfew", "https://app.example/ward/curfew"],
  ["another origin's address", page(PAGE), "https://id.example/c", "https://id.example/c"],
  [
    "a path below the page's own base",
    page(PAGE, "https://app.example/app/"),
    "c",
    "https://app.example/app/c",
  ],
  [
    "a path where a base names another origin",
    page(PAGE, "https://evil.example/"),
    "/c",
    "https://app.example/c",
  ],
  ["a relative path there", page(PAGE, "https://evil.example/x/"), "c", "https://app.example/ward/c"],
  [
    "a path where a base names another port",
    page(PAGE, "https://app.example:8443/"),
    "/c",
    "https://app.example/c",
  ],
  [
    "a path in a page of srcdoc",
    page("about:srcdoc", PAGE, "https://app.example"),
    "/c",
    "https://app.example/c",
  ],
  [
    "a path in a page of srcdoc with such a base",
    page("about:srcdoc", "https://evil.example/", "https://app.example"),
    "/c",
    "https://app.example/c",
  ],
])("%s", (_name, view, address, expected) => {
  expect(addressIn(view, address).href).toBe(expected);
});
