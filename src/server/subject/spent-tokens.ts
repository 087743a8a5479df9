/** Which logout tokens have been taken: each is good once, on whichever node (Back-Channel Logout 1.0, section 2.6). */
import type { ServerContext } from "../lifecycle/context.js";
import { sha256 } from "../platform/secrets.js";
import { newSubject } from "../record/subject.js";

interface LogoutToken {
  readonly iss: string;
  readonly jti: string;
  /** Until when it could be shown again, in server milliseconds. */
  readonly goodUntil: number;
}

type Store = Pick<ServerContext, "app" | "store">;

export async function isSpent({ app, store }: Store, token: LogoutToken): Promise<boolean> {
  const { app: place, subject } = rememberedAs(app, token);
  return (await store.findSubject(place, subject)).record !== null;
}

/** To be called once what the token asks for is done: a crash before leaves it good, and what it asks for is done again. */
export async function spend({ app, store }: Store, token: LogoutToken): Promise<void> {
  await store.replaceSubject({ ...newSubject(rememberedAs(app, token)), purgeAt: token.goodUntil }, 0);
}

/** Beside the subjects' own records, under a name that no app can have. */
function rememberedAs(app: string, { iss, jti }: LogoutToken) {
  return { app: `${app}:logout-token`, subject: sha256(JSON.stringify([iss, jti])) };
}
