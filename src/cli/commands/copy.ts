/** `copy [SNAPSHOT…] --from-repo URL`: snapshots of another repository become snapshots of this one. */
import type { Command } from 'commander';
import { chooseSnapshots } from '../../core/rewriter/chosen-snapshots.ts';
import { copySnapshots, type CopyProgress, type CopyResult } from '../../core/rewriter/copy.ts';
import type { Repository } from '../../core/repository/repository.ts';
import { withLock } from '../../core/repository/with-lock.ts';
import { Failure } from '../../shared/errors.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { failureLine, toFailure } from '../explain-error.ts';
import { addFromOptions, fromRepository, withFromRepository, type FromFlags } from '../from-repository.ts';
import { thisHost } from '../identity.ts';
import { JsonStatus } from '../json-status.ts';
import { formatBytes, formatCounted, shortId } from '../output/format.ts';
import { describeSnapshot } from '../output/replacements.ts';
import { ProgressDisplay } from '../progress/progress-display.ts';
import type { ProgressView } from '../progress/progress-view.ts';
import { withSession, type Session } from '../session.ts';
import { addFilterOptions, snapshotFilter, type FilterFlags } from '../snapshot-selector.ts';

type CopyFlags = FilterFlags & FromFlags;

export const copyCommand: CommandModule = {
  examples: [
    { does: 'Everything to another drive', line: 'cyberbackup -r /media/drive/backup copy --from-repo /srv/backup' },
    { does: 'The newest snapshot of one host', line: 'cyberbackup -r /srv/second copy latest --host laptop --from-repo /srv/backup' },
    { does: 'Before the first copy: a repository that cuts files alike, so that both share blobs', line: 'cyberbackup -r /srv/second init --copy-chunker-params --from-repo /srv/backup' },
  ],
  configure(command: Command, act: Act) {
    addFilterOptions(addFromOptions(command.argument('[snapshots...]', 'begins of ids in --from-repo (default: all that the filter leaves)'), 'the repository that is copied from')).action(act(run));
  },
};

async function run(context: CliContext, command: Command): Promise<undefined> {
  const flags = command.opts<CopyFlags>();
  const url = fromRepository(context, flags);
  if (url === undefined) throw new Failure('USAGE', { what: 'No repository is named to copy from', next: 'Add --from-repo URL' });
  return await withSession(context, { lock: 'shared' }, async (target) =>
    await withFromRepository(context, url, flags, async (source) => {
      const onKept = (error: unknown): void => context.terminal.message(`${failureLine(toFailure(error))} The lock on ${url} stays until "cyberbackup unlock".`);
      const options = { exclusive: false, hostname: thisHost(), signal: context.signal, onKept };
      return await withLock(source, options, async (lock) => await copy(context, command, { source, target, signal: AbortSignal.any([target.signal, lock.signal]) }));
    }),
  );
}

interface Pair {
  readonly source: Repository;
  readonly target: Session;
  readonly signal: AbortSignal;
}

async function copy(context: CliContext, command: Command, { source, target, signal }: Pair): Promise<undefined> {
  const { terminal, options, clock } = context;
  const choice = { ids: command.args, filter: snapshotFilter(command.opts<CopyFlags>()) };
  const [{ snapshots, ignored }] = await Promise.all([chooseSnapshots(source, choice, signal), source.loadIndex(signal), target.repository.loadIndex(signal)]);
  for (const failure of ignored) terminal.message(failureLine(failure));
  const display = new ProgressDisplay(terminal, clock, { quiet: options.quiet || options.json });
  const status = new JsonStatus(context);
  let result: CopyResult;
  try {
    result = await copySnapshots(source, target.repository, snapshots, {
      lock: target.lock,
      signal,
      onProgress: (progress) => {
        display.update(view(progress));
        status.send({ snapshots_done: progress.snapshotsDone, snapshots_total: progress.snapshotsTotal, bytes_done: progress.bytesDone, total_bytes: progress.bytesTotal });
      },
    });
  } finally {
    await display.end();
  }
  report(context, result);
  return undefined;
}

function view({ snapshotsDone, snapshotsTotal, bytesDone, bytesTotal }: CopyProgress): ProgressView {
  return { activity: 'Copying', counting: false, bytesDone, bytesTotal, itemsDone: snapshotsDone, itemsTotal: snapshotsTotal, item: 'snapshot', errors: 0 };
}

function report({ terminal, options }: CliContext, { snapshots, blobs, bytes, packedBytes }: CopyResult): void {
  const copied = snapshots.filter(({ outcome }) => outcome === 'copied').length;
  if (options.json) {
    for (const { source, outcome, id } of snapshots) terminal.json({ message_type: 'snapshot', source_snapshot_id: source.id, outcome, snapshot_id: id });
    terminal.json({ message_type: 'summary', snapshots_copied: copied, snapshots_present: snapshots.length - copied, blobs, data_added: bytes, data_added_packed: packedBytes });
    return;
  }
  if (options.quiet) return;
  for (const { source, outcome, id } of snapshots) if (outcome === 'copied') terminal.line(`Snapshot ${describeSnapshot(source)}: copied to ${shortId(id)}`);
  const present = snapshots.length - copied;
  const rest = present === 0 ? '' : `, ${formatCounted(present, 'snapshot')} there already`;
  terminal.line(`${formatCounted(copied, 'snapshot')} copied${rest} · added ${formatBytes(bytes)}, stored as ${formatBytes(packedBytes)}`);
}
