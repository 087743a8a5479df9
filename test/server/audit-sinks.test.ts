/** The sinks against real receivers: TLS, HTTP, a log provider of OpenTelemetry. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createServer as createTlsServer } from "node:tls";
import { logs } from "@opentelemetry/api-logs";
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { afterEach, expect, test, vi } from "vitest";
import type { AuditRecord, AuditSink } from "../../src/server/audit/audit-record.js";
import { signedLog } from "../../src/server/audit/log/signed-log.js";
import {
  httpAudit,
  loggerAudit,
  otelAudit,
  resendAudit,
  syslogAudit,
  toOcsf,
} from "../../src/server/audit/sinks/index.js";
import { LOCALHOST_CERT, LOCALHOST_KEY } from "./support/localhost.js";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function record(seq: number, more: Partial<AuditRecord> = {}): AuditRecord {
  return {
    v: 1,
    seq,
    at: "2026-01-01T00:00:00.123Z",
    type: "session_denied",
    app: "my app",
    policy: "p",
    ...more,
  };
}

function watched<Sink extends AuditSink>(sink: Sink) {
  const troubles: string[] = [];
  sink.onTrouble?.((trouble) => troubles.push(String(trouble)));
  closing.push(async () => await sink.close?.());
  return { sink, troubles };
}

/** A receiver that reads frames as RFC 5425 has them, and nothing else. */
async function syslogServer(port = 0) {
  const messages: string[] = [];
  const sockets = new Set<Socket>();
  const server = createTlsServer({ cert: LOCALHOST_CERT, key: LOCALHOST_KEY }, (socket) => {
    let rest = Buffer.alloc(0);
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (;;) {
        const [counted, length] = /^([1-9]\d*) /.exec(rest.toString("latin1")) ?? [];
        if (counted === undefined || rest.length < counted.length + Number(length)) return;
        messages.push(rest.subarray(counted.length, counted.length + Number(length)).toString("utf8"));
        rest = rest.subarray(counted.length + Number(length));
      }
    });
  });
  server.on("tlsClientError", () => {});
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  closing.push(stop);
  return { port: (server.address() as AddressInfo).port, messages, stop };
}

test("syslog goes over TLS, counted in octets, with the fields of RFC 5424", async () => {
  const { port, messages } = await syslogServer();
  const { sink, troubles } = watched(syslogAudit({ host: "127.0.0.1", port, ca: LOCALHOST_CERT }));
  sink.write(record(0, { note: "Übergabe" }));
  sink.write(record(1, { type: "heartbeat_refused", sid: "s", subject: "u", code: "stale-nonce" }));
  await vi.waitFor(() => expect(messages).toHaveLength(2), { timeout: 30_000 });
  const [, priority, header, body = ""] = /^<(\d+)>1 (.*?) - (\{.*)$/s.exec(messages[0] ?? "") ?? [];
  expect(priority).toBe(String(13 * 8 + 5));
  expect(header).toMatch(/^2026-01-01T00:00:00\.123Z \S+ my_app \d+ session_denied$/);
  expect(body).toMatch(/^[ -~]+$/);
  expect(JSON.parse(body)).toEqual(record(0, { note: "Übergabe" }));
  expect(messages[1]).toMatch(/^<108>1 /);
  expect(troubles).toEqual([]);
});

test("syslog in CEF says its encoding", async () => {
  const { port, messages } = await syslogServer();
  const { sink } = watched(syslogAudit({ host: "localhost", port, ca: LOCALHOST_CERT, format: "cef" }));
  sink.write(record(0));
  await vi.waitFor(() => expect(messages).toHaveLength(1), { timeout: 30_000 });
  expect(messages[0]).toMatch(/ - \uFEFFCEF:0\|Curfew\|curfew\|1\|session_denied\|/);
});

test("a syslog receiver that goes and comes again gets what waited; one that nobody vouches for gets nothing", async () => {
  const first = await syslogServer();
  const { port } = first;
  const { sink, troubles } = watched(syslogAudit({ host: "127.0.0.1", port, ca: LOCALHOST_CERT }));
  sink.write(record(0));
  await vi.waitFor(() => expect(first.messages).toHaveLength(1), { timeout: 30_000 });
  await first.stop();
  await vi.waitFor(
    () => {
      sink.write(record(1));
      expect(troubles).toHaveLength(1);
    },
    { timeout: 30_000, interval: 200 },
  );
  const second = await syslogServer(port);
  await vi.waitFor(() => expect(second.messages.length).toBeGreaterThan(0), { timeout: 30_000 });
  const stranger = watched(syslogAudit({ host: "127.0.0.1", port }));
  stranger.sink.write(record(2));
  await vi.waitFor(() => expect(stranger.troubles[0]).toMatch(/self.signed/), { timeout: 30_000 });
  expect(second.messages.join("")).not.toContain('"seq":2');
});

interface Posted {
  readonly type: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** @param answer what is said to each call */
async function httpServer(answer: (posted: Posted, call: number) => readonly [number, string]) {
  const posts: Posted[] = [];
  const server = createHttpServer((message, response) => {
    text(message).then(
      (body) => {
        const { "content-type": type, authorization } = message.headers;
        const posted = { type, authorization, body };
        const [status, said] = answer(posted, posts.push(posted));
        response.writeHead(status).end(said);
      },
      () => {},
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, posts };
}

test("a receiver of one's own gets lists of records, again until it has confirmed them", async () => {
  const { url, posts } = await httpServer((_posted, call) => [call === 1 ? 503 : 204, ""]);
  const { sink, troubles } = watched(httpAudit({ url, authorization: "Bearer secret", batch: 2 }));
  for (let seq = 0; seq < 5; seq++) sink.write(record(seq));
  await sink.flush();
  const seqs = posts.map(({ body }) => (JSON.parse(body) as AuditRecord[]).map(({ seq }) => seq));
  expect(seqs[0]).toEqual(seqs[1]);
  expect(seqs.slice(1).flat()).toEqual([0, 1, 2, 3, 4]);
  expect(posts[0]).toMatchObject({ type: "application/json", authorization: "Bearer secret" });
  expect(troubles).toEqual([
    expect.stringMatching(/the audit receiver 127\.0\.0\.1:\d+ takes no records: it answered 503/),
  ]);
  expect(troubles.join()).not.toContain("secret");
});

test("Splunk gets events one after another, mapped as was said", async () => {
  const { url, posts } = await httpServer(() => [200, '{"text":"Success","code":0}']);
  const { sink } = watched(httpAudit({ url, format: "splunk", authorization: "Splunk t", map: toOcsf }));
  for (let seq = 0; seq < 3; seq++) sink.write(record(seq));
  await sink.flush();
  const events = posts.flatMap(({ body }) => body.split("\n").map((line) => JSON.parse(line)));
  expect(events.map(({ event }) => event.metadata.sequence)).toEqual([0, 1, 2]);
  expect(events[0]).toMatchObject({ time: 1_767_225_600.123, sourcetype: "curfew:audit", source: "my app" });
});

test("Elasticsearch gets documents under ids of their own; what it has taken or had is done, the rest comes again", async () => {
  const statuses = [
    [201, 429],
    [409, 201],
  ];
  const { url, posts } = await httpServer((_posted, call) => {
    const items = (statuses[call - 1] ?? [201]).map((status) => ({ create: { status } }));
    return [200, JSON.stringify({ errors: true, items })];
  });
  const { sink, troubles } = watched(httpAudit({ url, format: "elastic", index: "logs-a" }));
  sink.write(record(0));
  sink.write(record(1));
  await sink.flush();
  expect(posts).toHaveLength(2);
  expect(posts[0]?.body).toBe(posts[1]?.body);
  expect(posts[0]?.type).toBe("application/x-ndjson");
  expect(posts[0]?.body.endsWith("\n")).toBe(true);
  const lines = (posts[0]?.body ?? "")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines[0].create).toMatchObject({ _index: "logs-a", _id: expect.stringMatching(/^[\w-]{43}$/) });
  expect(lines[1]["@timestamp"]).toBe("2026-01-01T00:00:00.123Z");
  expect(lines[0].create._id).not.toBe(lines[2].create._id);
  expect(troubles).toEqual([expect.stringMatching(/it took 1 of 2 records \(429\)/)]);
});

test("OpenTelemetry's own provider takes each record, by the global logger or a given one", () => {
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] });
  void otelAudit({ logger: provider.getLogger("curfew") }).write(
    record(0, {
      type: "session_expired",
      sid: "s",
      subject: "u",
      reason: "idle",
      endedAt: "2026-01-01T00:00:00.000Z",
    }),
  );
  logs.setGlobalLoggerProvider(provider);
  closing.push(async () => logs.disable());
  void otelAudit().write(record(1));
  const [first, second] = exporter.getFinishedLogRecords();
  expect(first).toMatchObject({
    eventName: "session.end",
    severityNumber: 9,
    body: "session_expired",
    attributes: { "session.id": "s", "curfew.reason": "idle", "curfew.seq": 0 },
  });
  expect(second).toMatchObject({ eventName: "curfew.session_denied", severityText: "NOTICE" });
});

test("any logger with info gets a line, or the record itself", async () => {
  const told: unknown[] = [];
  const logger = { info: (message: unknown) => told.push(message) };
  await loggerAudit(logger).write(record(0));
  await loggerAudit(logger, "object").write(record(1));
  expect(told).toEqual([JSON.stringify(record(0)), record(1)]);
  expect(() => loggerAudit({} as never)).toThrow(/needs a logger with info\(\)/);
});

test("what a receiver has lost is sent again from the signed log, by its numbers", async () => {
  const directory = mkdtempSync(join(tmpdir(), "curfew-resend-"));
  closing.push(async () => rmSync(directory, { recursive: true }));
  const log = signedLog({ directory });
  for (let at = 0; at < 40; at++)
    log.append({ v: 1, at: "2026-01-01T00:00:00.000Z", type: "session_denied", app: "a", policy: "p" });
  await log.close?.();
  const { url, posts } = await httpServer(() => [200, ""]);
  const sink = httpAudit({ url, capacity: 10, batch: 4 });
  expect(await resendAudit({ directory, sink, from: 7, to: 31 })).toBe(25);
  const seqs = posts.flatMap(({ body }) => (JSON.parse(body) as AuditRecord[]).map(({ seq }) => seq));
  expect(seqs).toEqual(Array.from({ length: 25 }, (_, at) => 7 + at));
  await expect(resendAudit({ directory, sink: httpAudit({ url }), from: 5, to: 4 })).rejects.toThrow(
    /the lower one first/,
  );
});

test.each<[() => AuditSink, RegExp]>([
  [() => syslogAudit({ host: "" }), /syslogAudit's options\.host must not be empty/],
  [() => syslogAudit({ host: "a", facility: 24 }), /facility must be at most 23/],
  [() => httpAudit({ url: "ftp://a.example" }), /httpAudit's options\.url must be an http/],
  [() => httpAudit({ url: "https://user:pw@a.example" }), /without user name and password/],
  [() => httpAudit({ url: "https://a.example", authorization: "a\nb" }), /must be a value of Authorization/],
  [() => httpAudit({ url: "https://a.example", capacity: 1 }), /capacity must be at least 10/],
  [() => otelAudit({ logger: {} as never }), /logger must be a logger of OpenTelemetry/],
])("options that cannot be used are refused at start: %s", (make, message) => {
  expect(make).toThrow(message);
});
