/** Where "Sign in again" leads: an http(s) address that neither another scheme nor a `<base>` element of the page can bend. */
import { addressIn } from "../../dom/page-address.js";
import { isSignInUrl } from "../../protocol/sign-in-url.js";

/** Without a sign-in URL the page's own address leads there: the guard sends people on. */
export function signInAddress(signInUrl: string | null): URL {
  return isSignInUrl(signInUrl) ? addressIn(window, signInUrl) : new URL(location.href);
}
