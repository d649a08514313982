/**
 * Numbers of a process, with an hour of history.
 *
 * Vocabulary: a *series* is one name with one set of labels. Counters add up, gauges have a value now, timers (milliseconds)
 * and histograms have a distribution.
 *
 * Invariants: memory does not grow with events, only with series, and those are bounded: labels that would make too many go
 * into one series whose labels all say `other`; names beyond the limit are not kept. Nothing here throws.
 */
import type { Clock } from '../core/platform/clock.ts';
import type { MetricsSnapshot } from '../shared/contract/schemas/observability.ts';
import type { MetricFamily, Sample } from './prometheus-text.ts';
import { labelText } from './prometheus-text.ts';
import { CounterSeries, DistributionSeries, GaugeSeries } from './series.ts';
import { historySeconds } from './seconds.ts';
import type { Attributes, Metrics } from './telemetry.ts';

export interface RegistryOptions {
  readonly clock: Clock;
  /** For people who read the Prometheus text, by name. */
  readonly helps?: Readonly<Record<string, string>>;
  /** Sets of labels for each name; default 100. */
  readonly labelSets?: number;
}

const mostNames = 500;
/** Quantiles in the Prometheus text are of this window. */
const quantileSeconds = 300;

interface Family<Series> {
  readonly series: Map<string, { readonly labels: Readonly<Record<string, string>> | undefined; readonly series: Series }>;
}

export class MetricsRegistry implements Metrics {
  readonly #clock: Clock;
  readonly #helps: Readonly<Record<string, string>>;
  readonly #labelSets: number;
  readonly #counters = new Map<string, Family<CounterSeries>>();
  readonly #gauges = new Map<string, Family<GaugeSeries>>();
  readonly #timers = new Map<string, Family<DistributionSeries>>();
  readonly #histograms = new Map<string, Family<DistributionSeries>>();

  constructor({ clock, helps = {}, labelSets = 100 }: RegistryOptions) {
    this.#clock = clock;
    this.#helps = helps;
    this.#labelSets = labelSets;
  }

  count(name: string, by = 1, labels?: Attributes): void {
    this.#series(this.#counters, name, labels, () => new CounterSeries())?.add(this.#second(), by);
  }

  gauge(name: string, value: number, labels?: Attributes): void {
    this.#series(this.#gauges, name, labels, () => new GaugeSeries())?.set(this.#second(), value);
  }

  time(name: string, milliseconds: number, labels?: Attributes): void {
    this.#series(this.#timers, name, labels, () => new DistributionSeries())?.add(this.#second(), milliseconds);
  }

  observe(name: string, value: number, labels?: Attributes): void {
    this.#series(this.#histograms, name, labels, () => new DistributionSeries())?.add(this.#second(), value);
  }

  /** A counter since the start, all its labels together. */
  total(name: string): number {
    let sum = 0;
    for (const { series } of this.#counters.get(name)?.series.values() ?? []) sum += series.total;
    return sum;
  }

  /** What happened in the last `window` seconds, this one included; an hour at most. Labels are part of the key: `name{a="b"}`. */
  snapshot(window: number): MetricsSnapshot {
    const after = this.#second() - Math.min(window, historySeconds);
    const read = <Series extends { since(second: number): Result }, Result>(families: ReadonlyMap<string, Family<Series>>): Record<string, Result> => {
      const result: Record<string, Result> = {};
      for (const [name, { series }] of families) for (const [labels, entry] of series) result[`${name}${labels}`] = entry.series.since(after);
      return result;
    };
    return { window, counters: read(this.#counters), gauges: read(this.#gauges), timers: read(this.#timers), histograms: read(this.#histograms) };
  }

  /** For the Prometheus text: counters and sums since the start, quantiles of the last five minutes. */
  families(): MetricFamily[] {
    const after = this.#second() - quantileSeconds;
    const family = <Series>(type: MetricFamily['type'], families: ReadonlyMap<string, Family<Series>>, samples: (series: Series) => readonly Sample[]): MetricFamily[] =>
      [...families].map(([name, { series }]) => ({
        name,
        type,
        help: this.#helps[name] ?? name.replaceAll('_', ' '),
        samples: [...series.values()].flatMap((entry) => samples(entry.series).map((sample) => ({ ...sample, ...(entry.labels === undefined && sample.labels === undefined ? {} : { labels: { ...entry.labels, ...sample.labels } }) }))),
      }));
    const summary = (series: DistributionSeries): Sample[] => {
      const { p50, p95, p99 } = series.since(after);
      const quantiles = Object.entries({ '0.5': p50, '0.95': p95, '0.99': p99 }).map(([quantile, value]) => ({ labels: { quantile }, value }));
      return [...quantiles, { suffix: '_sum', value: series.totalSum }, { suffix: '_count', value: series.totalCount }];
    };
    return [
      ...family('counter', this.#counters, ({ total }) => [{ value: total }]),
      ...family('gauge', this.#gauges, ({ value }) => [{ value }]),
      ...family('summary', this.#timers, summary),
      ...family('summary', this.#histograms, summary),
    ];
  }

  #series<Series>(families: Map<string, Family<Series>>, name: string, labels: Attributes | undefined, make: () => Series): Series | undefined {
    let family = families.get(name);
    if (family === undefined) {
      if (families.size >= mostNames) return undefined;
      family = { series: new Map() };
      families.set(name, family);
    }
    const key = labels === undefined ? '' : labelText(labels);
    const known = family.series.get(key);
    if (known !== undefined) return known.series;
    if (labels !== undefined && family.series.size >= this.#labelSets) return this.#overflow(family, labels, make);
    const texts = labels === undefined ? undefined : Object.fromEntries(Object.entries(labels).map(([label, value]) => [label, String(value)]));
    const series = make();
    family.series.set(key, { labels: texts, series });
    return series;
  }

  #overflow<Series>(family: Family<Series>, labels: Attributes, make: () => Series): Series {
    const others = Object.fromEntries(Object.keys(labels).map((label) => [label, 'other']));
    const key = labelText(others);
    const entry = family.series.get(key) ?? { labels: others, series: make() };
    family.series.set(key, entry);
    return entry.series;
  }

  #second(): number {
    return Math.floor(this.#clock.monotonic() / 1000);
  }
}
