/** What became of snapshots that were rewritten or repaired: lines for people, objects for programs. */
import type { Replacement } from '../../core/rewriter/replace-snapshots.ts';
import type { StoredSnapshot } from '../../core/repository/snapshots.ts';
import type { CliContext } from '../context.ts';
import { formatCounted, formatTime, shortId } from './format.ts';
import { visibleText } from './visible-text.ts';

/** `4f2a91c0 of laptop, 2026-11-23 16:12:11, /home/anna`. */
export function describeSnapshot({ id, snapshot }: StoredSnapshot): string {
  const host = snapshot.hostname === undefined ? '' : ` of ${visibleText(snapshot.hostname)}`;
  return `${shortId(id)}${host}, ${formatTime(snapshot.time)}, ${snapshot.paths.map(visibleText).join(' ')}`;
}

/** One line for each snapshot that changed; nothing for others. */
export function replacementLines(replacement: Replacement, dryRun: boolean): string[] {
  const { old } = replacement;
  if (replacement.outcome === 'unchanged') return [];
  if (replacement.outcome === 'removed') return [`Snapshot ${describeSnapshot(old)}`, dryRun ? '  would be removed: nothing of it is left' : '  removed: nothing of it is left'];
  const saved = replacement.id === undefined ? 'would be saved anew' : `saved as ${shortId(replacement.id)}`;
  const removed = replacement.removed ? (dryRun ? ', the old one would be removed' : ', the old one is removed') : '';
  return [`Snapshot ${describeSnapshot(old)}`, `  ${saved}${removed}`];
}

/** `dry_run` and `snapshot_id` as restic names such fields. */
export function replacementJson(replacement: Replacement): Record<string, unknown> {
  const { old, outcome } = replacement;
  const made = outcome === 'replaced' ? { ...(replacement.id === undefined ? {} : { new_snapshot_id: replacement.id }), tree: replacement.snapshot.tree, removed: replacement.removed } : { removed: outcome === 'removed' };
  return { message_type: 'snapshot', snapshot_id: old.id, outcome, ...made };
}

/** The last line, or object. `done`: `rewritten`. */
export function reportReplacements({ options, terminal }: CliContext, replacements: readonly Replacement[], { dryRun, done }: { readonly dryRun: boolean; readonly done: string }): void {
  const changed = replacements.filter(({ outcome }) => outcome !== 'unchanged').length;
  if (options.json) terminal.json({ message_type: 'summary', ...(dryRun ? { dry_run: true } : {}), snapshots: replacements.length, snapshots_modified: changed });
  else if (!options.quiet) terminal.line(changed === 0 ? `Nothing to do: ${formatCounted(replacements.length, 'snapshot')} looked at, none needs a change.` : `${formatCounted(changed, 'snapshot')} of ${replacements.length} ${dryRun ? 'would be ' : ''}${done}.`);
}
