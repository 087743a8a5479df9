/** Where "Sign in again" leads: an http(s) address that neither another scheme nor a `<base>` element of the page can bend. */
import { addressIn } from "../../dom/page-address.js";
import { isSignInUrl } from "../../protocol/sign-in-url.js";
import type { EndReason } from "../../session/end.js";

/** Without a sign-in URL the page's own address leads there: the guard sends people on. */
export function signInAddress(signInUrl: string | null): URL {
  return isSignInUrl(signInUrl) ? addressIn(window, signInUrl) : new URL(location.href);
}

/** Leaves the page for its sign-in, and says whence and why. */
export function goToSignIn(signInUrl: string | null, reason: EndReason): void {
  const target = signInAddress(signInUrl);
  const back = location.pathname + location.search;
  // What begins with two slashes would name another host to who reads it as an address.
  if (signInUrl !== null && !back.startsWith("//")) target.searchParams.set("return", back);
  target.searchParams.set("reason", reason);
  location.assign(target.href);
}
