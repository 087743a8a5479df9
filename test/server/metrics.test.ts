import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import * as client from "prom-client";
import { describe, expect, test } from "vitest";
import {
  type OpenTelemetryMeter,
  openTelemetryMetrics,
  type PrometheusClient,
  prometheusMetrics,
} from "../../src/server/metrics/index.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { TestBrowser } from "./support/test-browser.js";
import { createTestClock } from "./support/test-clock.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

type Of = Readonly<Record<string, string>>;

function counted() {
  const register = new client.Registry();
  const metrics = prometheusMetrics(client satisfies PrometheusClient, { register });
  const clock = createTestClock();
  const store = metrics.timed(memoryStore({ clock }));
  const { sessions } = createTestVerifier({ store, audit: metrics.sink });
  const value = async (name: string, labels: Of = {}) => {
    const { values = [] } = (await register.getSingleMetric(name)?.get()) ?? {};
    const found = values.filter((one) =>
      Object.entries(labels).every(([label, text]) => Reflect.get(one.labels, label) === text),
    );
    return found.reduce((sum, one) => sum + one.value, 0);
  };
  const series = async () =>
    (await register.metrics()).split("\n").filter((line) => /^[a-z]/.test(line)).length;
  return { register, metrics, clock, store, sessions, value, series };
}

describe("metrics for Prometheus", () => {
  test("count ends by reason, renewals, refusals by code, the policy, and the store's calls", async () => {
    const { sessions, clock, value } = counted();
    const browser = await TestBrowser.signedIn(sessions);
    clock.advance(MINUTE);
    await browser.beat(clock.now());
    await browser.post("/curfew/heartbeat", {
      heartbeat: await browser.heartbeat(clock.now(), { payload: { nonce: "old" } }),
    });
    await browser.post("/curfew/end", { sid: browser.live.sid });
    expect(await value("curfew_session_ends_total", { reason: "signed-out" })).toBe(1);
    expect(await value("curfew_renewals_total")).toBe(1);
    expect(await value("curfew_refusals_total", { type: "heartbeat_refused" })).toBe(1);
    expect(await value("curfew_audit_events_total", { type: "session_created" })).toBe(1);
    expect(await value("curfew_policy_info")).toBe(1);
    expect(await value("curfew_store_duration_seconds", { call: "replace", result: "ok" })).toBeGreaterThan(
      0,
    );
  });

  test("count an alert by its rule", async () => {
    const { metrics, value } = counted();
    const record = { v: 1, at: "2026-01-01T00:00:00.000Z", app: "a", policy: "p" } as const;
    await metrics.sink.write({ ...record, type: "alert_raised", rule: "forged", severity: "error" });
    expect(await value("curfew_alerts_total", { rule: "forged" })).toBe(1);
  });

  test("measure a call that fails, and give its error on", async () => {
    const { metrics, value } = counted();
    const failing = metrics.timed({ ...memoryStore(), find: () => Promise.reject(new Error("away")) });
    await expect(failing.find("sid")).rejects.toThrow("away");
    expect(await value("curfew_store_duration_seconds", { call: "find", result: "error" })).toBeGreaterThan(
      0,
    );
  });

  test("count the sessions of a store by state", async () => {
    const { metrics, sessions, store, value } = counted();
    await TestBrowser.signedIn(sessions, { subject: "ann" });
    await TestBrowser.signedIn(sessions, { subject: "ben", bind: false });
    const leaver = await TestBrowser.signedIn(sessions, { subject: "cem" });
    await sessions.end(leaver.live.sid);
    const stop = metrics.countSessions(store);
    await expect.poll(() => value("curfew_sessions", { state: "ended" })).toBe(1);
    stop();
    expect(await value("curfew_sessions", { state: "bound" })).toBe(1);
    expect(await value("curfew_sessions", { state: "unbound" })).toBe(1);
  });

  test("have no more series for a hundred people than for one", async () => {
    const { sessions, clock, series } = counted();
    const visit = async (subject: string) => {
      const browser = await TestBrowser.signedIn(sessions, { subject });
      await browser.beat(clock.now());
      await browser.post("/curfew/end", { sid: browser.live.sid });
    };
    await visit("first");
    const one = await series();
    expect(one).toBeGreaterThan(10);
    for (let person = 0; person < 100; person++) await visit(`person-${person}`);
    expect(await series()).toBe(one);
  });
});

test("metrics for OpenTelemetry count the same by its own SDK, and a gauge tells of what is so now", async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  const metrics = openTelemetryMetrics(provider.getMeter("curfew") satisfies OpenTelemetryMeter);
  const store = memoryStore();
  const { sessions } = createTestVerifier({ store: metrics.timed(store), audit: metrics.sink });
  const browser = await TestBrowser.signedIn(sessions);
  await browser.post("/curfew/end", { sid: browser.live.sid });
  const stop = metrics.countSessions(store);
  /** Of the newest reading: each series of a metric, with its labels. */
  const read = async (name: string) => {
    exporter.reset();
    await reader.forceFlush();
    const read = exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((of) => of.metrics));
    return read.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
  };
  await expect
    .poll(() => read("curfew_sessions"))
    .toContainEqual(expect.objectContaining({ attributes: { state: "ended" }, value: 1 }));
  stop();
  expect(await read("curfew_session_ends_total")).toMatchObject([
    { attributes: { reason: "signed-out" }, value: 1 },
  ]);
  expect(await read("curfew_policy_info")).toMatchObject([{ value: 1 }]);
  const calls = await read("curfew_store_duration_seconds");
  const insert = calls.find(({ attributes }) => attributes.call === "insert" && attributes.result === "ok");
  expect(insert?.value).toMatchObject({ buckets: { boundaries: expect.arrayContaining([0.005]) } });
  expect(insert?.value).not.toMatchObject({ count: 0 });
  await provider.shutdown();
});
