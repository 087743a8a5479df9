/** An audit sink: batches by HTTP, to a receiver of one's own, to Splunk or to Elasticsearch. */
import * as v from "valibot";
import { type PostAnswer, post } from "../../platform/post.js";
import { sha256 } from "../../platform/secrets.js";
import { readConfiguration } from "../../policy/configuration.js";
import { auditLine } from "../audit-line.js";
import type { AuditRecord } from "../audit-record.js";
import { toEcs } from "./ecs.js";
import { BatchRefusedError, type QueuedSink, queued } from "./queue.js";
import { type QueueOptions, queueEntries } from "./queue-options.js";

export interface HttpAuditOptions extends QueueOptions {
  /** Where batches are posted: of Splunk `…/services/collector/event`, of Elasticsearch `…/_bulk`. */
  readonly url: string;
  /**
   * `"json"`: a JSON list of records; `"splunk"`: events of the HTTP Event Collector; `"elastic"`: a bulk call, each document
   * under an id of its own, so that nothing stands there twice. Default: `"json"`.
   */
  readonly format?: "json" | "splunk" | "elastic";
  /** The value of `Authorization`, such as `Splunk TOKEN`, `ApiKey KEY` or `Bearer TOKEN`. */
  readonly authorization?: string;
  /** Of Elasticsearch: the index or data stream. Default: `logs-curfew.audit-default`. */
  readonly index?: string;
  /** What is sent of a record, such as `toOcsf`. Default: the record itself; for Elasticsearch `toEcs`. */
  readonly map?: (record: AuditRecord) => unknown;
  /** How many records are posted at once, at most. Default: 500. */
  readonly batch?: number;
}

const schema = v.strictObject(
  {
    url: v.pipe(
      v.string('must be a URL, such as "https://siem.example/audit"'),
      v.check(isPostUrl, "must be an http:// or https:// URL without user name and password"),
    ),
    format: v.optional(
      v.picklist(["json", "splunk", "elastic"], 'must be "json", "splunk" or "elastic"'),
      "json",
    ),
    authorization: v.exactOptional(
      v.pipe(v.string("must be a text"), v.regex(/^[!-~]+(?: [!-~]+)*$/, "must be a value of Authorization")),
    ),
    index: v.optional(
      v.pipe(v.string("must be a text"), v.regex(/^[a-z0-9][a-z0-9._-]*$/, "must be the name of an index")),
      "logs-curfew.audit-default",
    ),
    map: v.exactOptional(
      v.custom<(record: AuditRecord) => unknown>(
        (value) => typeof value === "function",
        "must be a function of a record, such as toOcsf",
      ),
    ),
    batch: v.optional(
      v.pipe(
        v.number("must be a number of records"),
        v.integer("must be a whole number of records"),
        v.minValue(1, "must be at least 1"),
        v.maxValue(5_000, "must be at most 5000"),
      ),
      500,
    ),
    ...queueEntries,
  } satisfies Record<keyof HttpAuditOptions, v.GenericSchema>,
  'must be an object, such as { url: "https://siem.example/audit" }',
);

const TIMEOUT = 10_000;
const JSON_TYPE = "application/json";
/** The content will not be taken however often it is sent; all else may be mended at the other side. */
const REFUSING = [400, 413, 422];

/**
 * Posts records in batches, in their order. What no 2xx has confirmed is sent again; a batch that is refused for its content
 * (400, 413, 422) is tried in smaller ones, and a record that is refused alone is left out and marked.
 * @throws ConfigurationError for options that cannot be used
 */
export function httpAudit(options: HttpAuditOptions): QueuedSink {
  const { url, format, authorization, index, map, batch, ...limits } = readConfiguration(
    schema,
    options,
    "httpAudit's options",
  );
  const shape = SHAPES[format](map ?? (format === "elastic" ? toEcs : (record) => record), index);
  return queued(
    {
      name: `the audit receiver ${new URL(url).host}`,
      batch,
      async send(records) {
        const body = records.map(shape.line).join(shape.between);
        const posting = { url, contentType: shape.type, authorization, body: shape.whole(body) };
        const answer = await post(posting, TIMEOUT);
        if (REFUSING.includes(answer.status)) throw new BatchRefusedError(`it answered ${answer.status}`);
        if (answer.status < 200 || answer.status > 299) throw new Error(`it answered ${answer.status}`);
        shape.check(answer);
      },
    },
    limits,
  );
}

function isPostUrl(text: string): boolean {
  try {
    const { protocol, username, password } = new URL(text);
    return ["http:", "https:"].includes(protocol) && username === "" && password === "";
  } catch {
    return false;
  }
}

interface Shape {
  readonly type: string;
  line(record: AuditRecord): string;
  readonly between: string;
  whole(lines: string): string;
  /** Throws where the answer says that it is not there though its status does not. */
  check(answer: PostAnswer): void;
}

type Map = (record: AuditRecord) => unknown;

const SHAPES = {
  json: (map: Map): Shape => ({
    type: JSON_TYPE,
    line: (record) => JSON.stringify(map(record)),
    between: ",",
    whole: (lines) => `[${lines}]`,
    check: () => {},
  }),
  splunk: (map: Map): Shape => ({
    type: JSON_TYPE,
    line: (record) =>
      JSON.stringify({
        time: Date.parse(record.at) / 1_000,
        source: record.app,
        sourcetype: "curfew:audit",
        event: map(record),
      }),
    between: "\n",
    whole: (lines) => lines,
    check: () => {},
  }),
  elastic: (map: Map, index: string): Shape => ({
    type: "application/x-ndjson",
    line: (record) =>
      `${JSON.stringify({ create: { _index: index, _id: idOf(record) } })}\n${JSON.stringify(map(record))}`,
    between: "\n",
    whole: (lines) => `${lines}\n`,
    check: checkBulk,
  }),
};

/** The same each time that it is sent. */
function idOf(record: AuditRecord): string {
  return sha256(auditLine(record));
}

/** 409: the document stands there already. */
const IS_THERE = [200, 201, 409];

function checkBulk({ text }: PostAnswer): void {
  const read: { readonly items?: unknown } = Object(JSON.parse(text));
  if (!Array.isArray(read.items)) throw new Error("its answer is none of a bulk call");
  const statuses = read.items.map((item: unknown) => Number(Object(Object.values(Object(item))[0]).status));
  const failed = statuses.filter((status) => !IS_THERE.includes(status));
  const [first] = failed;
  if (first === undefined) return;
  const what = `it took ${statuses.length - failed.length} of ${statuses.length} records (${first})`;
  throw failed.every((status) => REFUSING.includes(status)) ? new BatchRefusedError(what) : new Error(what);
}
