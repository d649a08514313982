/** What `stats` prints in the modes of restic: its text, and its JSON. */
import type { Count, CountingMode } from '../../core/history/statistics/counting-modes.ts';
import type { CliContext } from '../context.ts';
import { resticBytes } from '../output/restic-format.ts';

export function printCount({ terminal, options }: CliContext, mode: CountingMode, found: Count): void {
  if (options.json) {
    terminal.json(found);
    return;
  }
  const line = (title: string, value: string): string => `${title.padStart(24)}:  ${value}`;
  const optional = (title: string, value: number | undefined, text: (value: number) => string): string[] => (value === undefined || value <= 0 ? [] : [line(title, text(value))]);
  const size = (bytes: number): string => resticBytes(bytes).padEnd(5);
  terminal.lines([
    `Stats in ${mode} mode:`,
    line('Snapshots processed', String(found.snapshots_count)),
    ...optional('Total Blob Count', found.total_blob_count, String),
    ...optional('Total File Count', found.total_file_count, String),
    ...optional('Total Uncompressed Size', found.total_uncompressed_size, size),
    line('Total Size', size(found.total_size)),
    ...optional('Compression Progress', found.compression_progress, (percent) => `${percent.toFixed(2)}%`),
    ...optional('Compression Ratio', found.compression_ratio, (ratio) => `${ratio.toFixed(2)}x`),
    ...optional('Compression Space Saving', found.compression_space_saving, (percent) => `${percent.toFixed(2)}%`),
  ]);
}
