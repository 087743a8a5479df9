/** Where numbers go: Prometheus by the app's own prom-client, OpenTelemetry by the app's own meter. Neither is loaded here. */

type Labels = Readonly<Record<string, string>>;
/** Adds to a counter, sets a gauge, or takes one measurement. */
type Instrument = (labels: Labels, value: number) => void;

export interface Instruments {
  counter(name: string, help: string, labels: readonly string[]): Instrument;
  gauge(name: string, help: string, labels: readonly string[]): Instrument;
  /** @param buckets in seconds */
  histogram(name: string, help: string, labels: readonly string[], buckets: readonly number[]): Instrument;
}

interface Described {
  readonly name: string;
  readonly help: string;
  readonly labelNames: string[];
}

/** What is used of the package `prom-client`. */
export interface PrometheusClient {
  readonly Counter: new (
    of: Described & { registers?: never[] },
  ) => { inc(labels: Labels, by: number): void };
  readonly Gauge: new (
    of: Described & { registers?: never[] },
  ) => { set(labels: Labels, value: number): void };
  readonly Histogram: new (
    of: Described & { registers?: never[]; buckets: number[] },
  ) => { observe(labels: Labels, value: number): void };
}

/** @param register a registry of that client; absent: its default one */
export function prometheusInstruments(client: PrometheusClient, register?: object): Instruments {
  const registers = register === undefined ? {} : { registers: [register] as never[] };
  const described = (name: string, help: string, labels: readonly string[]) => ({
    name,
    help,
    labelNames: [...labels],
    ...registers,
  });
  return {
    counter(...of) {
      const counter = new client.Counter(described(...of));
      return (labels, by) => counter.inc(labels, by);
    },
    gauge(...of) {
      const gauge = new client.Gauge(described(...of));
      return (labels, value) => gauge.set(labels, value);
    },
    histogram(name, help, labels, buckets) {
      const histogram = new client.Histogram({ ...described(name, help, labels), buckets: [...buckets] });
      return (labels, value) => histogram.observe(labels, value);
    },
  };
}

interface GaugeReading {
  observe(value: number, labels: Labels): void;
}

/** What is used of a meter of `@opentelemetry/api`. */
export interface OpenTelemetryMeter {
  createCounter(name: string, options: { description: string }): { add(by: number, labels: Labels): void };
  createHistogram(
    name: string,
    options: { description: string; unit: string; advice: { explicitBucketBoundaries: number[] } },
  ): { record(value: number, labels: Labels): void };
  createObservableGauge(
    name: string,
    options: { description: string },
  ): { addCallback(read: (reading: GaugeReading) => void): void };
}

export function openTelemetryInstruments(meter: OpenTelemetryMeter): Instruments {
  return {
    counter(name, description) {
      const counter = meter.createCounter(name, { description });
      return (labels, by) => counter.add(by, labels);
    },
    gauge(name, description) {
      const values = new Map<string, { readonly labels: Labels; readonly value: number }>();
      meter.createObservableGauge(name, { description }).addCallback((reading) => {
        for (const { labels, value } of values.values()) reading.observe(value, labels);
      });
      return (labels, value) => void values.set(JSON.stringify(labels), { labels, value });
    },
    histogram(name, description, _labels, buckets) {
      const advice = { explicitBucketBoundaries: [...buckets] };
      const histogram = meter.createHistogram(name, { description, unit: "s", advice });
      return (labels, value) => histogram.record(value, labels);
    },
  };
}
