/** `repair index`: an index that agrees with the packs that are there. */
import type { Command } from 'commander';
import type { PhaseProgress } from '../../core/pruner/progress.ts';
import { repairIndex, type IndexFinding, type RepairIndexPhase, type RepairIndexReport } from '../../core/repairer/repair-index.ts';
import type { Act } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { JsonStatus } from '../json-status.ts';
import { formatCounted } from '../output/format.ts';
import { visibleText } from '../output/visible-text.ts';
import { ProgressDisplay } from '../progress/progress-display.ts';
import type { ProgressView } from '../progress/progress-view.ts';
import { withSession } from '../session.ts';
import type { RepairWord } from './repair.ts';

interface RepairIndexFlags {
  readonly readAllPacks?: boolean;
}

export const repairIndexWord: RepairWord = {
  name: 'index',
  summary: 'Make the index agree with the packs that are there',
  example: { does: 'After packs or index files were lost or damaged', line: 'cyberbackup repair index' },
  configure(command: Command, act: Act) {
    command.option('--read-all-packs', 'believe no index file, read the header of every pack').action(act(run));
  },
};

const activities: Readonly<Record<RepairIndexPhase, { readonly activity: string; readonly item: string }>> = {
  index: { activity: 'Reading the index', item: 'file' },
  packs: { activity: 'Looking for packs', item: 'pack' },
  headers: { activity: 'Reading packs', item: 'pack' },
  'rewrite-index': { activity: 'Writing the index', item: 'file' },
};

function view({ phase, done, total }: PhaseProgress<RepairIndexPhase>): ProgressView {
  return { ...activities[phase], counting: total === 0, bytesDone: 0, bytesTotal: 0, itemsDone: done, itemsTotal: total, errors: 0 };
}

const sentences: Readonly<Record<IndexFinding['kind'], (name: string) => string>> = {
  'damaged-index': (name) => `removing damaged index ${name}`,
  'missing-pack': (name) => `forgetting pack ${name}, which is not there`,
  'unlisted-pack': (name) => `adding pack ${name} to the index`,
  'wrong-size': (name) => `reading pack ${name} anew, which has another size than the index says`,
  'unreadable-pack': (name) => `leaving out pack ${name}, whose header cannot be read`,
};

function sentence({ kind, name, why }: IndexFinding): string {
  return `${sentences[kind](name)}${why === undefined ? '' : `: ${why}`}`;
}

async function run(context: CliContext, command: Command): Promise<undefined> {
  const { readAllPacks } = command.opts<RepairIndexFlags>();
  return await withSession(context, { lock: 'exclusive' }, async ({ repository, signal, locked }) => {
    const { terminal, clock, options } = context;
    const display = new ProgressDisplay(terminal, clock, { quiet: options.quiet || options.json });
    const status = new JsonStatus(context);
    let report: RepairIndexReport;
    try {
      report = await repairIndex(repository, { readAllPacks: readAllPacks === true }, {
        locked,
        signal,
        onProgress: (progress) => {
          display.update(view(progress));
          status.send({ ...progress });
        },
        onFinding: (finding) => {
          if (options.json) terminal.json({ message_type: 'finding', ...finding });
          else terminal.message(visibleText(sentence(finding)));
        },
      });
    } finally {
      await display.end();
    }
    if (options.json) terminal.json(summaryOf(report));
    else if (!options.quiet) print(context, report);
    return undefined;
  });
}

function print({ terminal }: CliContext, report: RepairIndexReport): void {
  if (report.indexesWritten + report.indexesRemoved === 0) {
    terminal.line(`${terminal.style.green('Nothing to repair')}: the index agrees with the packs that are there`);
    return;
  }
  terminal.line(`${terminal.style.green('Done')}: read ${formatCounted(report.packsRead, 'pack')}, wrote ${formatCounted(report.indexesWritten, 'index file')} for ${report.indexesRemoved}`);
  if (report.missingPacks + report.unreadablePacks > 0) terminal.line('Now "cyberbackup check" says what the snapshots lack.');
}

function summaryOf(report: RepairIndexReport): Record<string, unknown> {
  return {
    message_type: 'summary',
    damaged_indexes: report.damagedIndexes,
    missing_packs: report.missingPacks,
    unlisted_packs: report.unlistedPacks,
    wrong_sizes: report.wrongSizes,
    unreadable_packs: report.unreadablePacks,
    packs_read: report.packsRead,
    indexes_written: report.indexesWritten,
    indexes_removed: report.indexesRemoved,
  };
}
