/** What a live session shows: whether all processes know it, by which clock they go, and whether a key is bound. */
import { ParseError } from "../../../protocol/parse-error.js";
import { type ActiveStatus, parseSessionStatus } from "../../../protocol/session-status.js";
import { type Answer, gotOf, jsonOf, problemOf } from "../http/answer.js";
import type { Site } from "../site.js";
import { askSession } from "./base.js";

/** So often that two processes behind one address are met but for chance: once in 2,000. */
const QUESTIONS = 12;
/** A `Date` tells whole seconds, and answers take time. */
const CLOCK_TOLERANCE = 5_000;
/** How long a key can be bound after the authentication (`bindWithin`). */
const BIND_PERIOD = 60_000;

export async function checkSession(site: Site, base: string, hasSignedIn: boolean): Promise<void> {
  const { cookie } = site;
  if (cookie === null)
    return site.notSeen(
      "whether all processes know one session, the store's clock, the session's key",
      "--cookie NAME=VALUE of somebody who is signed in, or --login SCRIPT",
    );
  const answers: Answer[] = [];
  for (let question = 0; question < QUESTIONS; question++) answers.push(await askSession(site, base, cookie));
  const statuses = answers.map(statusOf);
  const live = statuses.filter((status) => status !== null);
  const [first] = answers;
  if (first === undefined) return;
  if (live.length === 0) return tellNoSession(site, first, hasSignedIn);
  const others = answers.filter((_answer, at) => statuses[at] === null);
  const lost = others.find((answer) => problemOf(answer)?.type === "urn:curfew:no-session");
  if (lost !== undefined)
    site.foundIn("two-stores", lost, {
      got: `${live.length} answers of ${QUESTIONS} know the session, ${others.length} do not`,
    });
  for (const answer of others)
    if (answer !== lost && problemOf(answer)?.status === 503) site.foundIn("store-away", answer);
  tellPolicies(site, first, live);
  tellTimes(site, answers);
}

function statusOf(answer: Answer): ActiveStatus | null {
  try {
    const status = parseSessionStatus(jsonOf(answer));
    return status.status === "active" ? status : null;
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}

function tellNoSession(site: Site, answer: Answer, hasSignedIn: boolean): void {
  if (answer.status === 200 && hasSignedIn) return;
  if (answer.status === 200)
    site.foundIn("cookie-not-presented", answer, { got: "no session cookie arrives at Curfew" });
  else
    site.notSeen(
      `a live session: ${gotOf(answer)}`,
      "give the cookie of a session that lives; sign in again",
    );
}

function tellPolicies(site: Site, answer: Answer, live: readonly ActiveStatus[]): void {
  const fingerprints = new Set(live.map(({ policy }) => policy.fingerprint));
  if (fingerprints.size > 1)
    site.foundIn("two-policies", answer, {
      got: `policies with the fingerprints ${[...fingerprints].join(", ")}`,
    });
  if (live.some(({ policy }) => policy.unsafeForTesting))
    site.foundIn("unsafe-for-testing", answer, { got: "a policy with unsafeForTesting" });
  const unbound = live.find(
    ({ key, now, authenticatedAt, policy }) =>
      key === null && now - authenticatedAt > BIND_PERIOD && policy.withoutScript === undefined,
  );
  if (unbound !== undefined)
    site.foundIn("key-never-bound", answer, {
      got: `a session without a key, ${Math.round((unbound.now - unbound.authenticatedAt) / 1000)} s after the sign-in`,
    });
}

function tellTimes(site: Site, answers: readonly Answer[]): void {
  const [answer] = answers.filter((one) => storeApart(one) > CLOCK_TOLERANCE);
  if (answer !== undefined)
    site.foundIn("store-clock-apart", answer, {
      got: `a store's time that is ${Math.round(storeApart(answer) / 1000)} s from the answer's Date`,
    });
}

function storeApart(answer: Answer): number {
  const status = statusOf(answer);
  return status === null ? 0 : Math.abs(status.now - Date.parse(answer.header("date") ?? ""));
}
