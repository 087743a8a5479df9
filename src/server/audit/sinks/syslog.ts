/** An audit sink: syslog over TLS (RFC 5424, RFC 5425), each message counted in octets. */
import { hostname } from "node:os";
import { connect, type TLSSocket } from "node:tls";
import * as v from "valibot";
import { within } from "../../platform/clock.js";
import { processId } from "../../platform/environment.js";
import { readConfiguration } from "../../policy/configuration.js";
import { auditLine } from "../audit-line.js";
import type { AuditRecord } from "../audit-record.js";
import { toCef } from "./cef.js";
import { type Level, meaningOf } from "./meaning.js";
import { type QueuedSink, queued } from "./queue.js";
import { type QueueOptions, queueEntries } from "./queue-options.js";

export interface SyslogAuditOptions extends QueueOptions {
  /** The receiver's name or address; its certificate must be for it. */
  readonly host: string;
  /** Default: 6514. */
  readonly port?: number;
  /** The certificates (PEM) that the receiver's is believed by. Default: those that Node believes. */
  readonly ca?: string;
  /** This side's certificate and key (PEM), where the receiver asks for one. */
  readonly cert?: string;
  readonly key?: string;
  /** RFC 5424, section 6.2.1. Default: 13 (log audit). */
  readonly facility?: number;
  /** What the message holds: the record as JSON in ASCII, or as CEF. Default: `"json"`. */
  readonly format?: "json" | "cef";
}

const text = v.pipe(v.string("must be a text"), v.nonEmpty("must not be empty"));
const whole = (least: number, most: number) =>
  v.pipe(
    v.number("must be a number"),
    v.integer("must be a whole number"),
    v.minValue(least, `must be at least ${least}`),
    v.maxValue(most, `must be at most ${most}`),
  );

const schema = v.strictObject(
  {
    host: text,
    port: v.optional(whole(1, 65_535), 6514),
    ca: v.exactOptional(text),
    cert: v.exactOptional(text),
    key: v.exactOptional(text),
    facility: v.optional(whole(0, 23), 13),
    format: v.optional(v.picklist(["json", "cef"], 'must be "json" or "cef"'), "json"),
    ...queueEntries,
  } satisfies Record<keyof SyslogAuditOptions, v.GenericSchema>,
  'must be an object, such as { host: "syslog.example" }',
);

const SEVERITY: Readonly<Record<Level, number>> = { error: 3, warning: 4, notice: 5, info: 6 };
const TIMEOUT = 10_000;
const BATCH = 500;

/**
 * Sends each record to a syslog receiver by TLS. The protocol has no receipts: what the other side's machine had taken
 * when the connection broke may be lost, and the signed log shows it. What was not handed over yet waits (`QueueOptions`).
 * @throws ConfigurationError for options that cannot be used
 */
export function syslogAudit(options: SyslogAuditOptions): QueuedSink {
  const { host, port, ca, cert, key, facility, format, ...limits } = readConfiguration(
    schema,
    options,
    "syslogAudit's options",
  );
  const own = hostname();
  const message = (record: AuditRecord) => {
    const priority = facility * 8 + SEVERITY[meaningOf(record).level];
    const header = `<${priority}>1 ${record.at} ${printable(own, 255)} ${printable(record.app, 48)} ${processId()} ${record.type} -`;
    // A text that is not ASCII begins with a mark of its encoding (RFC 5424, section 6.4).
    const body = format === "cef" ? `\uFEFF${toCef(record)}` : ascii(auditLine(record));
    return Buffer.from(`${header} ${body}`);
  };
  let open: TLSSocket | null = null;
  const socket = async (): Promise<TLSSocket> => {
    if (open !== null) return open;
    const made = await connected({
      host,
      port,
      ...(ca ? { ca } : {}),
      ...(cert ? { cert } : {}),
      ...(key ? { key } : {}),
    });
    const gone = () => {
      made.destroy();
      if (open === made) open = null;
    };
    // A receiver says nothing: what comes is its end.
    for (const event of ["close", "end", "error"]) made.on(event, gone);
    made.resume();
    open = made;
    return made;
  };
  return queued(
    {
      name: `the syslog receiver ${host}:${port}`,
      batch: BATCH,
      async send(records) {
        const frames = records.map(message).flatMap((bytes) => [Buffer.from(`${bytes.length} `), bytes]);
        await written(await socket(), Buffer.concat(frames));
      },
      close: () => open?.end(),
    },
    limits,
  );
}

interface Target {
  readonly host: string;
  readonly port: number;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

async function connected(target: Target): Promise<TLSSocket> {
  const socket = connect({ ...target, minVersion: "TLSv1.2" });
  socket.unref();
  const opened = new Promise<void>((resolve, reject) => {
    socket.once("secureConnect", resolve);
    socket.on("error", reject);
  });
  try {
    await within(TIMEOUT, opened, () => new Error(`no answer within ${TIMEOUT / 1_000} s`));
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Resolves once the system has taken the bytes; rejects where the connection breaks before. */
function written(socket: TLSSocket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const broken = () => reject(new Error("the connection was closed"));
    socket.once("close", broken);
    socket.write(bytes, (error) => {
      socket.removeListener("close", broken);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** RFC 5424: a field of the header is printable ASCII without spaces. */
function printable(value: string, most: number): string {
  return value.replace(/[^!-~]/g, "_").slice(0, most) || "-";
}

function ascii(json: string): string {
  return json.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
