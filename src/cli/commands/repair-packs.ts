/** `repair packs`: what is intact of damaged packs goes into new ones; a copy of each stays in the current folder. */
import { open } from 'node:fs/promises';
import path from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import type { PhaseProgress } from '../../core/pruner/progress.ts';
import { repairPacks, type RepairPacksPhase, type RepairPacksReport } from '../../core/repairer/repair-packs.ts';
import { Failure } from '../../shared/errors.ts';
import type { Act } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { JsonStatus } from '../json-status.ts';
import { formatCounted, shortId } from '../output/format.ts';
import { ProgressDisplay } from '../progress/progress-display.ts';
import type { ProgressView } from '../progress/progress-view.ts';
import { withSession } from '../session.ts';
import type { RepairWord } from './repair.ts';

export const repairPacksWord: RepairWord = {
  name: 'packs',
  summary: 'Save what is intact of damaged packs, and take them away',
  example: { does: 'Packs that "check --read-data" calls damaged', line: 'cyberbackup repair packs 7bd387ad2685' },
  configure(command: Command, act: Act) {
    command.argument('<ids...>', 'names of packs, or their beginning', parseId).action(act(run));
  },
};

/** A start of eight digits hardly ever names two packs, and never by mistake. */
const shortestStart = 8;

function parseId(text: string, earlier: readonly string[] = []): string[] {
  if (!/^[0-9a-f]{8,64}$/.test(text)) throw new InvalidArgumentError(`The name of a pack is expected, or at least its first ${shortestStart} digits.`);
  return [...earlier, text];
}

const activities: Readonly<Record<RepairPacksPhase, string>> = { copy: 'Copying packs', salvage: 'Saving what is intact', 'rewrite-index': 'Writing the index', remove: 'Removing packs' };

function view({ phase, done, total }: PhaseProgress<RepairPacksPhase>): ProgressView {
  return { activity: activities[phase], counting: total === 0, bytesDone: 0, bytesTotal: 0, itemsDone: done, itemsTotal: total, item: phase === 'rewrite-index' ? 'file' : 'pack', errors: 0 };
}

async function run(context: CliContext, command: Command): Promise<undefined> {
  const ids = command.processedArgs[0] as string[];
  return await withSession(context, { lock: 'exclusive' }, async ({ repository, signal, locked }) => {
    const { terminal, clock, options } = context;
    const display = new ProgressDisplay(terminal, clock, { quiet: options.quiet || options.json });
    const status = new JsonStatus(context);
    let report: RepairPacksReport;
    try {
      report = await repairPacks(repository, ids, {
        locked,
        signal,
        keepCopy,
        onProgress: (progress) => {
          display.update(view(progress));
          status.send({ ...progress });
        },
      });
    } finally {
      await display.end();
    }
    if (options.json) terminal.json({ message_type: 'summary', packs: report.packs, unreadable_packs: report.unreadable, blobs_saved: report.blobsSaved, lost_blobs: report.lost, packs_left: report.packsLeft });
    else print(context, report);
    return undefined;
  });
}

/** As restic: `pack-NAME` in the current folder, which must not be there yet. */
async function keepCopy(name: string, body: AsyncIterable<Buffer>): Promise<void> {
  const file = path.resolve(`pack-${name}`);
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      for await (const piece of body) await handle.writeFile(piece);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === undefined || syscall === undefined) throw error;
    throw new Failure(
      'TARGET_FAILED',
      { what: `The copy ${file} of a damaged pack could not be written (${code})`, safe: 'Nothing was changed in the repository', next: code === 'EEXIST' ? 'A copy from before is there: move it away, or run the command in another folder' : 'Run the command in a folder where you may write' },
      { cause: error },
    );
  }
}

function print({ terminal, options }: CliContext, report: RepairPacksReport): void {
  for (const name of report.unreadable) terminal.message(`nothing could be saved of pack ${name}: neither the index nor its header tells what is in it`);
  for (const { type, id } of report.lost) terminal.message(`lost ${type === 'tree' ? 'folder' : 'data'} blob ${id}`);
  for (const name of report.packsLeft) terminal.message(`pack ${name} could not be removed; the next prune does that`);
  if (options.quiet) return;
  terminal.line(`${terminal.style.green('Done')}: saved ${formatCounted(report.blobsSaved, 'blob')} of ${formatCounted(report.packs.length, 'pack')}${report.lost.length > 0 ? `, ${formatCounted(report.lost.length, 'blob')} lost` : ''}`);
  terminal.line(`Copies of the packs are in the current folder: ${report.packs.map((name) => `pack-${shortId(name)}…`).join(', ')}`);
  if (report.lost.length > 0) terminal.line('Back up the same files again, which stores their content anew, or take what is lost out of the snapshots with "cyberbackup repair snapshots".');
}
