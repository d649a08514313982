/**
 * The table and the JSON of a run.
 */
export interface Row {
  readonly key: string;
  readonly title: string;
  /** Seconds, one entry a run. */
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

export interface CommandRow extends Row {
  /** Peak memory in bytes, one entry a run. */
  readonly ourMemory: readonly number[];
  readonly theirMemory: readonly number[];
}

export interface MemoryRow {
  readonly title: string;
  readonly client: number | undefined;
  readonly server: number | undefined;
}

export interface Report {
  readonly at: string;
  readonly machine: string;
  readonly versions: readonly string[];
  readonly rows: readonly Row[];
  /** Commands that look back, with their memory. */
  readonly commands: readonly CommandRow[];
  readonly memory: readonly MemoryRow[];
  readonly notes: readonly string[];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? Number.NaN) : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

const seconds = (values: readonly number[]): string => (values.length === 0 ? '–' : `${median(values).toFixed(2)} s`);
const mebibytes = (bytes: number | undefined): string => (bytes === undefined ? '–' : `${Math.round(bytes / (1 << 20))} MiB`);

/** Ours over theirs; undefined where a side is missing. */
export function ratio(row: Pick<Row, 'ours' | 'theirs'>): number | undefined {
  return row.ours.length === 0 || row.theirs.length === 0 ? undefined : median(row.ours) / median(row.theirs);
}

/** A line of the table of commands. */
export function commandLine(row: CommandRow): string {
  const memoryRatio = ratio({ ours: row.ourMemory, theirs: row.theirMemory });
  return `| ${row.title} | ${seconds(row.ours)} | ${seconds(row.theirs)} | ${ratio(row)?.toFixed(2) ?? '–'} | ${mebibytes(median(row.ourMemory))} | ${mebibytes(median(row.theirMemory))} | ${memoryRatio?.toFixed(2) ?? '–'} |`;
}

/** Markdown, aligned enough to read on a terminal. */
export function asTable(report: Report): string {
  const lines = [`${report.at} · ${report.machine}`, ...report.versions, '', '| what | CyberBackup | restic | ratio |', '| --- | ---: | ---: | ---: |'];
  for (const row of report.rows) lines.push(`| ${row.title} | ${seconds(row.ours)} | ${seconds(row.theirs)} | ${ratio(row)?.toFixed(2) ?? '–'} |`);
  if (report.commands.length > 0) {
    lines.push('', '| command | CyberBackup | restic | ratio | memory | restic | ratio |', '| --- | ---: | ---: | ---: | ---: | ---: | ---: |', ...report.commands.map(commandLine));
  }
  if (report.memory.length > 0) {
    lines.push('', '| peak memory | client | server |', '| --- | ---: | ---: |');
    for (const row of report.memory) lines.push(`| ${row.title} | ${mebibytes(row.client)} | ${mebibytes(row.server)} |`);
  }
  if (report.notes.length > 0) lines.push('', ...report.notes.map((note) => `- ${note}`));
  return lines.join('\n');
}
