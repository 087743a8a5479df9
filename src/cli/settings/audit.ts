/** Where the sidecar's audit records go, as its configuration says it. */
import { readFileSync } from "node:fs";
import * as v from "valibot";
import type { AuditSink } from "../../server/audit/audit-record.js";
import { type JsonLinesOptions, jsonLinesAudit } from "../../server/audit/json-lines.js";
import type { SignedLogOptions } from "../../server/audit/log/options.js";
import { signedLog } from "../../server/audit/log/signed-log.js";
import { toEcs } from "../../server/audit/sinks/ecs.js";
import { type HttpAuditOptions, httpAudit } from "../../server/audit/sinks/http.js";
import { toOcsf } from "../../server/audit/sinks/ocsf.js";
import { type SyslogAuditOptions, syslogAudit } from "../../server/audit/sinks/syslog.js";
import { ConfigurationError, messageOf } from "../../server/platform/errors.js";

const text = v.string("must be a text");
const MAPS = { record: undefined, ocsf: toOcsf, ecs: toEcs } as const;

const short = v.pipe(
  text,
  v.regex(
    /^(?:jsonl|log):./,
    'must be a file of JSON lines, such as "jsonl:audit.jsonl", or a signed log\'s directory, such as "log:audit"',
  ),
);
/** Each sink checks its own options, once it is opened. */
const options = v.looseObject({});

export const auditSchema = v.union(
  [
    short,
    v.strictObject({ log: options }),
    v.strictObject({ jsonl: v.looseObject({ path: text }) }),
    v.strictObject({ syslog: options }),
    v.strictObject({ http: v.looseObject({ map: v.optional(v.picklist(["record", "ocsf", "ecs"])) }) }),
  ],
  'must be "jsonl:PATH", "log:DIRECTORY", or an object with one of "jsonl", "log", "syslog" and "http", such as { "syslog": { "host": "syslog.example" } }',
);

export type AuditSetting = v.InferOutput<typeof auditSchema>;

/** @throws ConfigurationError where it cannot be opened, or an option cannot be used */
export function openAuditSink(setting: AuditSetting): AuditSink {
  if (typeof setting === "string")
    return setting.startsWith("log:")
      ? signedLog({ directory: setting.slice("log:".length) })
      : jsonLinesAudit(setting.slice("jsonl:".length));
  if ("log" in setting) return signedLog(withCertificates(setting.log) as unknown as SignedLogOptions);
  if ("syslog" in setting)
    return syslogAudit(withFiles("syslog", setting.syslog) as unknown as SyslogAuditOptions);
  if ("jsonl" in setting) {
    const { path, ...rest } = setting.jsonl;
    return jsonLinesAudit(path, rest as JsonLinesOptions);
  }
  const { map: name = "record", ...rest } = setting.http;
  const map = MAPS[name];
  return httpAudit({ ...rest, ...(map === undefined ? {} : { map }) } as unknown as HttpAuditOptions);
}

/** A file of JSON names the files of certificates and keys, where a program has their text. */
function withFiles(
  whose: string,
  written: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const read = ["ca", "cert", "key"].flatMap((name) => {
    const path = written[name];
    return typeof path === "string" ? [[name, pemIn(`${whose}.${name}`, path)] as const] : [];
  });
  return { ...written, ...Object.fromEntries(read) };
}

function withCertificates(log: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { timestamp } = log;
  return typeof timestamp === "object" && timestamp !== null
    ? { ...log, timestamp: withFiles("log.timestamp", { ...timestamp }) }
    : log;
}

function pemIn(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigurationError(
      `options.audit: ${name} must be the path of a PEM file; ${JSON.stringify(path)} cannot be read: ${messageOf(error)}`,
    );
  }
}
