/** `recover`: makes a snapshot of the folders that no snapshot leads to. */
import type { Command } from 'commander';
import { recover, type Recovered } from '../../core/rewriter/recover.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { failureLine } from '../explain-error.ts';
import { thisHost, thisUser } from '../identity.ts';
import { JsonStatus } from '../json-status.ts';
import { formatCounted, shortId } from '../output/format.ts';
import { ProgressDisplay } from '../progress/progress-display.ts';
import { loadIndexForReading, withSession } from '../session.ts';

export const recoverCommand: CommandModule = {
  examples: [
    { does: 'A snapshot was removed by mistake, and nothing was pruned yet', line: 'cyberbackup recover' },
    { does: 'What was found', line: 'cyberbackup ls latest --tag recovered' },
  ],
  configure(command: Command, act: Act) {
    command.action(act(run));
  },
};

async function run(context: CliContext): Promise<number> {
  return await withSession(context, { lock: 'shared' }, async ({ repository, signal, lock }) => {
    const { terminal, options, clock } = context;
    await loadIndexForReading(context, repository, signal);
    const display = new ProgressDisplay(terminal, clock, { quiet: options.quiet || options.json });
    const status = new JsonStatus(context);
    let found: Recovered;
    try {
      found = await recover(repository, {
        lock,
        signal,
        hostname: thisHost(),
        username: thisUser(),
        onProgress: ({ treesDone, treesTotal }) => {
          display.update({ activity: 'Reading folders', counting: false, bytesDone: 0, bytesTotal: 0, itemsDone: treesDone, itemsTotal: treesTotal, item: 'folder', errors: 0 });
          status.send({ trees_done: treesDone, trees_total: treesTotal });
        },
      });
    } finally {
      await display.end();
    }
    for (const failure of found.damaged) terminal.message(failureLine(failure));
    report(context, found);
    return found.damaged.length > 0 ? 1 : 0;
  });
}

function report({ terminal, options }: CliContext, { roots, snapshotId, listedPacks, damaged }: Recovered): void {
  if (options.json) {
    terminal.json({ message_type: 'summary', roots, ...(snapshotId === undefined ? {} : { snapshot_id: snapshotId }), packs_listed: listedPacks, damaged: damaged.length });
    return;
  }
  if (options.quiet) return;
  if (listedPacks > 0) terminal.line(`Listed ${formatCounted(listedPacks, 'pack')} that no index had.`);
  if (snapshotId === undefined) terminal.line('Every folder is part of a snapshot: there is nothing to recover.');
  else terminal.line(`${terminal.style.green('Recovered')} ${formatCounted(roots.length, 'folder')} · snapshot ${terminal.style.cyan(shortId(snapshotId))}, tag "recovered"`);
}
