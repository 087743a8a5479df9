/** A witness of audit logs (C2SP tlog-witness): it signs a log's head where that log has only grown since the last one. */

import { mkdirSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { judgeAsking, readAsking } from "../../evidence/add-checkpoint.js";
import {
  cosignedMessage,
  ED25519_COSIGNATURE,
  formatVerifierKey,
  signatureLine,
  timestamped,
  type VerifierKey,
  verifierKey,
} from "../../evidence/note.js";
import { openKeyFile } from "../../server/audit/log/key-file.js";
import { lockDirectory } from "../../server/audit/log/lock.js";
import { type HttpAnswer, NO_STORE } from "../../server/http/exchange.js";
import { systemClock } from "../../server/platform/clock.js";
import { nodeTools } from "../../server/platform/log-tools.js";
import type { Logger } from "../../server/platform/logger.js";
import { listen } from "../http/listener.js";
import type { ListenAddress } from "../settings/addresses.js";
import { openHeads } from "./heads.js";

interface WitnessSettings {
  /** Holds its key, and what it has signed. */
  readonly directory: string;
  readonly name: string;
  /** The logs that it signs for, by their keys. */
  readonly logs: readonly VerifierKey[];
  readonly address: ListenAddress;
}

interface RunningWitness {
  readonly at: string;
  /** What others verify its signatures with. */
  readonly vkey: string;
  stop(): Promise<void>;
}

/** More than 63 hashes and a checkpoint with many signatures take. */
const MOST_BYTES = 64 * 1024;

/** @throws ConfigurationError where the directory or the address cannot be used */
export async function startWitness(settings: WitnessSettings, logger: Logger): Promise<RunningWitness> {
  const { directory, name, logs, address } = settings;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const release = lockDirectory(directory);
  try {
    const file = openKeyFile("curfew witness", join(directory, "witness.key"));
    const key = verifierKey(nodeTools.sha256, name, ED25519_COSIGNATURE, file.publicKey);
    const vkey = formatVerifierKey(key);
    writeFileSync(join(directory, "witness.vkey"), `${vkey}\n`);
    const answer = answering({ key, sign: file.sign }, openHeads(directory), logs, logger);
    const listener = await listen("the witness", address, answer, logger);
    return {
      at: listener.at,
      vkey,
      async stop() {
        await listener.close();
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

interface Signer {
  readonly key: VerifierKey;
  sign(bytes: Uint8Array): Uint8Array;
}

function answering(
  { key, sign }: Signer,
  heads: ReturnType<typeof openHeads>,
  logs: readonly VerifierKey[],
  logger: Logger,
): (message: IncomingMessage) => Promise<HttpAnswer> {
  return async (message) => {
    const path = (message.url ?? "/").split("?")[0];
    if (path === "/healthz") return text(200, "ok\n");
    if (path !== "/add-checkpoint") return text(404, "ask /add-checkpoint\n");
    if (message.method !== "POST") return text(405, "post it\n", [["Allow", "POST"]]);
    const body = await bodyOf(message);
    if (body === null) return text(413, "too long\n");
    const read = await readAsking(nodeTools, logs, body);
    if ("status" in read) return text(read.status, `${REFUSED[read.status]}\n`);
    const { head } = read.asking;
    // From here on nothing waits: what is looked at is what is replaced.
    const seen = heads.last(head.origin);
    const verdict = judgeAsking(nodeTools.sha256, read.asking, seen);
    if (verdict.status === 409)
      return { ...text(409, `${verdict.size}\n`), headers: [["Content-Type", "text/x.tlog.size"], NO_STORE] };
    if (verdict.status === 422) {
      logger.warn(
        `${head.origin} asks for ${head.size} records that do not go on from the ${seen?.size ?? 0} that were signed: nothing is signed`,
      );
      return text(422, "the log does not go on from what was signed\n");
    }
    const seconds = Math.floor(systemClock.now() / 1_000);
    const bytes = timestamped(seconds, sign(cosignedMessage(seconds, head.note.text)));
    const line = signatureLine({ ...key, bytes });
    heads.keep(head.origin, `${read.asking.checkpoint}${line}`);
    return text(200, line);
  };
}

const REFUSED = {
  400: "the call cannot be read",
  403: "the checkpoint is not signed by a key of this log",
  404: "this log is not known here",
} as const;

function text(status: number, body: string, more: HttpAnswer["headers"] = []): HttpAnswer {
  return { status, headers: [["Content-Type", "text/plain; charset=utf-8"], NO_STORE, ...more], body };
}

/** Null where it is too long. */
async function bodyOf(message: IncomingMessage): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MOST_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
