/** What a witness has last signed of each log: a file a log, on the disk before anybody is told. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { parseCheckpoint, type TreeHead } from "../../evidence/checkpoint.js";
import { ConfigurationError } from "../../server/platform/errors.js";
import { sha256 } from "../../server/platform/secrets.js";

interface Heads {
  /** Null where nothing is signed of this log. @throws ConfigurationError where the file does not say what */
  last(origin: string): TreeHead | null;
  /** @param note the checkpoint with the witness's signature */
  keep(origin: string, note: string): void;
}

const OWNER_ONLY = 0o600;

export function openHeads(directory: string): Heads {
  const folder = join(directory, "heads");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pathOf = (origin: string) => join(folder, sha256(origin).slice(0, 32));
  return {
    last(origin) {
      const path = pathOf(origin);
      if (!existsSync(path)) return null;
      const head = parseCheckpoint(readFileSync(path, "utf8"));
      if (head?.origin === origin) return head;
      throw new ConfigurationError(
        `the witness cannot read what it has signed of ${origin} (${JSON.stringify(path)}): it signs nothing of that log until the file is restored`,
      );
    },
    keep(origin, note) {
      const path = pathOf(origin);
      write(`${path}.new`, note);
      renameSync(`${path}.new`, path);
      sync(folder);
    },
  };
}

function write(path: string, text: string): void {
  const file = openSync(path, "w", OWNER_ONLY);
  try {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A new name is on the disk once its folder is. */
function sync(folder: string): void {
  const file = openSync(folder, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
