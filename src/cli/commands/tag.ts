/** `tag`: changes the tags of snapshots, as restic does. */
import type { Command } from 'commander';
import { loadAllSnapshots } from '../../core/retention/load-snapshots.ts';
import { isPinned, pinTag } from '../../core/retention/pins.ts';
import { chooseSnapshots } from '../../core/retention/select.ts';
import { changedTags, changeTags, flattenTags, type TagChange } from '../../core/retention/tags.ts';
import { Failure } from '../../shared/errors.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { shortId } from '../output/format.ts';
import { visibleText } from '../output/visible-text.ts';
import { withSession } from '../session.ts';
import { addFilterOptions, collect, snapshotFilter, type FilterFlags } from '../snapshot-selector.ts';

interface TagFlags extends FilterFlags {
  readonly add?: string[];
  readonly remove?: string[];
  readonly set?: string[];
}

export const tagCommand: CommandModule = {
  examples: [
    { does: 'Add a tag to the newest snapshot', line: 'cyberbackup tag --add before-upgrade latest' },
    { does: 'Rename a tag everywhere', line: 'cyberbackup tag --tag old --remove old --add new' },
    { does: 'Replace the tags of one snapshot', line: 'cyberbackup tag --set work,letters 1f3a' },
  ],
  configure(command: Command, act: Act) {
    addFilterOptions(command.argument('[snapshot...]', 'begins of ids, or "latest" (default: all that the filters let through)'))
      .option('--add <tags>', 'add these tags ("a,b"; may be repeated)', collect)
      .option('--remove <tags>', 'take these tags away ("a,b"; may be repeated)', collect)
      .option('--set <tags>', 'replace all tags by these ("a,b"; may be repeated)', collect)
      .action(act(tag));
  },
};

async function tag(context: CliContext, command: Command): Promise<undefined> {
  const flags = command.opts<TagFlags>();
  const { add = [], remove = [], set = [] } = flags;
  if (add.length + remove.length + set.length === 0) throw new Failure('USAGE', { what: 'There is nothing to do', next: 'Give --add, --remove or --set' });
  if (set.length > 0 && add.length + remove.length > 0) throw new Failure('USAGE', { what: '--set and --add or --remove exclude each other', next: 'Run the command once for each' });
  const change = { add: flattenTags(add), remove: flattenTags(remove), set: flattenTags(set) };
  const choice = { ids: command.args, filter: snapshotFilter(flags) };
  await changeTagsOf(context, choice, change);
  return undefined;
}

/** Changes the tags of the chosen snapshots and says so as restic does. */
export async function changeTagsOf(context: CliContext, choice: Parameters<typeof chooseSnapshots>[1], change: TagChange): Promise<void> {
  const { terminal, options } = context;
  await withSession(context, { lock: 'exclusive' }, async ({ repository, signal, locked }) => {
    const { snapshots, ignored } = chooseSnapshots((await loadAllSnapshots(repository, signal)).snapshots, choice);
    for (const { selector, why } of ignored) terminal.message(`Ignoring ${JSON.stringify(visibleText(selector))}: ${visibleText(why)}`);
    await locked;
    let changed = 0;
    for (const stored of snapshots) {
      signal.throwIfAborted();
      const replacement = await changeTags(repository, stored, change, signal);
      if (replacement === undefined) continue;
      changed += 1;
      const pinLost = isPinned(stored.snapshot) && !(changedTags(stored.snapshot.tags ?? [], change) ?? []).includes(pinTag);
      if (pinLost) terminal.message(`Snapshot ${shortId(replacement)} is not pinned any more`);
      if (options.json) terminal.json({ message_type: 'changed', old_snapshot_id: stored.id, new_snapshot_id: replacement });
      else if (options.verbose) terminal.line(`old snapshot ID: ${stored.id} -> new snapshot ID: ${replacement}`);
    }
    if (options.json) terminal.json({ message_type: 'summary', changed_snapshots: changed });
    else if (!options.quiet) terminal.line(changed === 0 ? 'no snapshots were modified' : `modified ${changed} snapshots`);
  });
}
