/** What most often keeps a call from the verifier, in one set of words: the client tells it in the console, `curfew doctor` beside what it found. */

/** What came instead of an answer: the HTTP status of somebody else's, no answer in time or none at all, or an old one. */
type Unanswered = number | "late" | "network" | "stale";

/** A clause without a subject of its own, to stand behind a colon or to begin a sentence. */
export function likelyCause(cause: Unanswered): string {
  if (cause === "late")
    return "Over HTTP/1.1 a browser has six connections to a host: do long polls or streams of the page hold them all?";
  if (cause === "stale") return "keep this address out of service workers and proxies.";
  if (cause === "network")
    return 'look for a content blocker, a content security policy without this address in connect-src, a redirect, or a page whose origin is not in the verifier\'s option "origins".';
  if (cause === 404 || cause === 405)
    return "is routes() mounted there, and does a proxy leave the path as it is?";
  if (cause >= 500) return "is the app behind the proxy up?";
  return "something stands before routes(), such as a check of CSRF tokens, a firewall or a proxy's own sign-in.";
}
