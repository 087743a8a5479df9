/** `curfew watch --replay`: what the rules of the watch would have told of a trail that there is already. */
import { createReadStream, existsSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import type { AuditRecord } from "../../server/audit/audit-record.js";
import { contentsOf, segmentsIn } from "../../server/audit/log/directory.js";
import { isoInstant } from "../../server/platform/clock.js";
import { ConfigurationError, messageOf } from "../../server/platform/errors.js";
import { memberOf } from "../../server/platform/members.js";
import type { WatchRuleName } from "../../server/policy/watch.types.js";
import { WATCH_RULES } from "../../server/policy/watch-thresholds.js";
import type { Alert } from "../../server/watch/alert.js";
import { alertsIn } from "../../server/watch/replay.js";
import type { CommandProcess } from "../process/process.js";
import { policyIn } from "../settings/policy-in.js";

export interface WatchCommandOptions {
  /** The directory of a signed log, or a file of JSON lines. */
  readonly replay: string;
  /** Some of the rules, with commas between. */
  readonly rules?: string;
  /** A configuration whose thresholds hold. */
  readonly policy?: string;
  readonly json?: boolean;
}

/** `read`: to its end, whatever the rules tell. `unreadable`: there is no such trail, or a line of it is no record. */
export const WATCH_EXIT = { read: 0, unreadable: 1, usage: 3 } as const;

/** The trail cannot be read on. */
class TrailError extends Error {}

/** @returns the exit code */
export async function watchCommand(
  shell: CommandProcess,
  options: WatchCommandOptions,
  read: (file: string) => unknown,
): Promise<number> {
  try {
    const rules = rulesIn(options.rules);
    const policy = options.policy === undefined ? {} : { policy: policyIn(read(options.policy)) };
    const seen = { records: 0, from: "", to: "" };
    const counts = new Map<WatchRuleName, number>(rules.map((rule) => [rule, 0]));
    for await (const alert of alertsIn(counted(recordsAt(options.replay), seen), { ...policy, rules })) {
      counts.set(alert.rule, (counts.get(alert.rule) ?? 0) + 1);
      shell.print(options.json ? `${JSON.stringify(alert)}\n` : lineOf(alert));
    }
    const summary = { ...seen, counts: Object.fromEntries(counts) };
    shell.print(options.json ? `${JSON.stringify(summary)}\n` : textOf(summary));
    return WATCH_EXIT.read;
  } catch (error) {
    if (!(error instanceof TrailError || error instanceof ConfigurationError)) throw error;
    shell.complain(`${messageOf(error)}\n`);
    return error instanceof TrailError ? WATCH_EXIT.unreadable : WATCH_EXIT.usage;
  }
}

function rulesIn(text: string | undefined): readonly WatchRuleName[] {
  if (text === undefined) return WATCH_RULES;
  return text.split(",").map((name) => {
    const rule = WATCH_RULES.find((known) => known === name.trim());
    if (rule !== undefined) return rule;
    throw new ConfigurationError(
      `--rules names ${JSON.stringify(name.trim())}, which is no rule; rules: ${WATCH_RULES.join(", ")}`,
    );
  });
}

async function* recordsAt(path: string): AsyncIterable<AuditRecord> {
  if (!existsSync(path)) throw new TrailError(`${JSON.stringify(path)} is not there`);
  yield* statSync(path).isDirectory() ? recordsIn(path) : recordsOf(path);
}

/** Records of which the hash alone is left say nothing; the last line may be torn. */
async function* recordsIn(directory: string): AsyncIterable<AuditRecord> {
  if (segmentsIn(directory).length === 0)
    throw new TrailError(
      `${JSON.stringify(directory)} holds no signed log: no file records-….jsonl is in it`,
    );
  const decoder = new TextDecoder();
  let place = 0;
  for await (const entry of contentsOf(directory).entries) {
    if ("line" in entry && !entry.isTorn) {
      const record = recordIn(decoder.decode(entry.line), `record ${place}`);
      if (record.seq !== place)
        throw new TrailError(
          `in the place of record ${place} stands ${record.seq ?? "one without a number"}: \`curfew audit verify\` says what was changed`,
        );
      yield record;
    }
    place++;
  }
}

async function* recordsOf(file: string): AsyncIterable<AuditRecord> {
  let place = 0;
  for await (const line of createInterface({
    input: createReadStream(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  }))
    if (line !== "") yield recordIn(line, `line ${++place}`);
}

function recordIn(line: string, what: string): AuditRecord {
  const record = parsed(line);
  const isRecord =
    typeof memberOf(record, "type") === "string" && !Number.isNaN(Date.parse(String(memberOf(record, "at"))));
  if (!isRecord) throw new TrailError(`${what} is no record of an audit trail`);
  return record as AuditRecord;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

interface Extent {
  records: number;
  from: string;
  to: string;
}

async function* counted(records: AsyncIterable<AuditRecord>, seen: Extent): AsyncIterable<AuditRecord> {
  for await (const record of records) {
    if (seen.records++ === 0) seen.from = record.at;
    seen.to = record.at;
    yield record;
  }
}

function lineOf({ at, seq, rule, severity, of, count, because }: Alert): string {
  const whose = of === null ? "" : `  session ${of.sid}`;
  const place = seq === null ? "" : `  record ${seq}`;
  return `${isoInstant(at)}${place}  ${rule} (${severity})${whose}: ${because} [${count}]\n`;
}

function textOf({
  records,
  from,
  to,
  counts,
}: Extent & { readonly counts: Readonly<Record<string, number>> }): string {
  const width = Math.max(...Object.keys(counts).map((name) => name.length));
  const lines = Object.entries(counts).map(([name, count]) => `  ${name.padEnd(width)}  ${count}`);
  const extent = records === 0 ? "0 records" : `${records} records, ${from} to ${to}`;
  return `${extent}; alerts by rule:\n${lines.join("\n")}\n`;
}
