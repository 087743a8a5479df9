/** Posts to another machine by HTTP: one answer, in time, of a bounded size, no redirects. */
import { within } from "./clock.js";
import { messageWithCause } from "./errors.js";

/** What is posted. */
interface Posting {
  readonly url: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  /** The value of `Authorization`. */
  readonly authorization?: string | undefined;
}

export interface PostAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly text: string;
}

const MOST_BYTES = 256 * 1024;

/**
 * @param timeout how long the whole answer may take, in milliseconds
 * @throws Error that says why there is no answer; it names the host, and neither path nor authorization
 */
export async function post(posting: Posting, timeout: number): Promise<PostAnswer> {
  const call = new AbortController();
  const { host } = new URL(posting.url);
  try {
    const late = () => new Error(`no answer within ${timeout / 1_000} s`);
    return await within(timeout, answerTo(posting, call.signal), late);
  } catch (error) {
    call.abort();
    throw new Error(`${host} cannot be asked: ${messageWithCause(error)}`, { cause: error });
  }
}

async function answerTo(posting: Posting, signal: AbortSignal): Promise<PostAnswer> {
  const { url, body, contentType, authorization } = posting;
  const answer = await fetch(url, {
    method: "POST",
    redirect: "manual",
    signal,
    headers: {
      "Content-Type": contentType,
      ...(authorization === undefined ? {} : { Authorization: authorization }),
    },
    body,
  });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new Error("it answers endlessly");
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  const type = answer.headers.get("content-type") ?? "";
  return { status: answer.status, contentType: type, bytes, text: bytes.toString("utf8") };
}
