/** The Prometheus text format, version 0.0.4. */
export interface Sample {
  /** Of a summary: `_sum`, `_count`. */
  readonly suffix?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'summary';
  readonly samples: readonly Sample[];
}

export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8';

export function prometheusText(families: readonly MetricFamily[]): string {
  const lines: string[] = [];
  for (const { name, help, type, samples } of families) {
    lines.push(`# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}`, `# TYPE ${name} ${type}`);
    for (const { suffix = '', labels, value } of samples) lines.push(`${name}${suffix}${labels === undefined ? '' : labelText(labels)} ${value}`);
  }
  return `${lines.join('\n')}\n`;
}

/** `{name="value",…}` */
export function labelText(labels: Readonly<Record<string, string | number | boolean>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`);
  return `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return /[\\"\n]/.test(value) ? value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n') : value;
}

export function counter(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, help, type: 'counter', samples };
}

export function gauge(name: string, help: string, value: number, labels?: Readonly<Record<string, string>>): MetricFamily {
  return { name, help, type: 'gauge', samples: [labels === undefined ? { value } : { labels, value }] };
}
