/** The ready files for Prometheus, Grafana and a SIEM, held to what Curfew has. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import * as client from "prom-client";
import { expect, test } from "vitest";
import { prometheusMetrics } from "../../src/server/metrics/index.js";

const FOLDER = "examples/prometheus";
const textOf = (name: string) => readFileSync(`${FOLDER}/${name}`, "utf8");

/** What a tool says of the files, which it must find no fault in. */
function said(tool: "promtool" | "amtool", ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(tool, args, { cwd: FOLDER, encoding: "utf8" });
  expect(
    error,
    `${tool} is missing; node scripts/install-prometheus.mjs gets it, or says how`,
  ).toBeUndefined();
  expect(status, `${stdout}${stderr}`).toBe(0);
  return stdout;
}

async function metricNames(): Promise<readonly string[]> {
  const register = new client.Registry();
  prometheusMetrics(client, { register });
  return (await register.getMetricsAsJSON()).flatMap(({ name, type }) =>
    String(type) === "histogram" ? [name, `${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
  );
}

test.each(["rules.yml", "rules.test.yml", "dashboard.json"])(
  "each metric in %s is one that Curfew has",
  async (name) => {
    const known = await metricNames();
    const named = [...new Set(textOf(name).match(/\bcurfew_[a-z_]+/g))];
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((metric) => !known.includes(metric))).toEqual([]);
  },
);

test("the page names each metric, and no other", async () => {
  const told = [...readFileSync("docs/metrics.md", "utf8").matchAll(/^\| `(curfew_\w+)`/gm)].map(
    ([, name]) => name,
  );
  const known = (await metricNames()).filter((name) => !/_(?:bucket|count|sum)$/.test(name));
  expect(new Set(told)).toEqual(new Set(known));
});

test("each Sigma rule names a record of the trail, and members that it has", () => {
  const schema = JSON.parse(readFileSync("docs/audit.schema.json", "utf8")) as {
    oneOf: { title: string; properties: Record<string, unknown> }[];
  };
  const names = readdirSync(`${FOLDER}/sigma`);
  expect(names.length).toBeGreaterThan(3);
  for (const name of names) {
    const text = textOf(`sigma/${name}`);
    const [, type] = /^ {4}type: (\w+)$/m.exec(text) ?? [];
    const found = schema.oneOf.find(({ title }) => title === type);
    expect(found, `${name} names ${type}`).toBeDefined();
    const members = [
      ...(/^fields: \[(.*)\]$/m.exec(text)?.[1]?.split(", ") ?? []),
      ...[...text.matchAll(/^ {4}(\w+): /gm)].map(([, member = ""]) => member),
    ];
    expect(members.filter((member) => !(member in (found?.properties ?? {})))).toEqual([]);
  }
});

test("promtool finds no fault in the rules, and their tests pass", () => {
  expect(said("promtool", "check", "rules", "rules.yml")).toMatch(/SUCCESS: [1-9]\d* rules/);
  expect(said("promtool", "test", "rules", "rules.test.yml")).toContain("SUCCESS");
});

test("amtool finds no fault in the route", () => {
  expect(said("amtool", "check-config", "alertmanager.yml")).toContain("SUCCESS");
});

/** Each alert of the rules, as it reaches Alertmanager. */
const ALERTS = [...textOf("rules.yml").matchAll(/- alert: (\w+).*?severity: (\w+)/gs)].map(
  ([, name = "", severity = ""]) => [name, severity] as const,
);

test.each(ALERTS)("%s, which is %s, goes to who shall read it", (name, severity) => {
  const route = [`alertname=${name}`, `severity=${severity}`, "rule=forged"];
  const receiver = said("amtool", "config", "routes", "test", "--config.file=alertmanager.yml", ...route);
  expect(receiver.trim()).toBe(severity === "critical" ? "page" : "mail");
});

test("some alerts page somebody, and some do not", () => {
  const severities = new Set(ALERTS.map(([, severity]) => severity));
  expect(severities).toEqual(new Set(["critical", "warning"]));
});
