/** Every version of a path, page by page. */
import { createHash } from 'node:crypto';
import { versionsOfPath, type PathVersion, type PathVersions } from '../../core/catalogue/path-versions.ts';
import { formatTime } from '../../core/repository/times.ts';
import type { StoredSnapshot } from '../../core/repository/snapshots.ts';
import type { TreeNode } from '../../core/repository/tree.ts';
import type { CheckedInput, OperationOutput } from '../../shared/contract/operations.ts';
import { Failure } from '../../shared/errors.ts';
import { KeptAnswers } from './kept-answers.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { pageAt } from './page.ts';
import { damagedPath, damagedSnapshots, mostDamaged, shownSize } from './shown-values.ts';
import { chosenSnapshots } from './snapshot-choice.ts';
import { checkedComponents, shownPath } from './snapshot-paths.ts';

type Answer = OperationOutput<'list_versions'>;
type Version = Answer['versions'][number];

const mostKept = 4;

export class Versions {
  readonly #kept = new KeptAnswers<Omit<Answer, 'cursor'>>(mostKept, ({ total }) => total);

  /** Newest first. Failures PATH_NOT_FOUND where no snapshot has it and all can tell, INVALID_INPUT (`path`, `cursor`). */
  async list(opened: OpenedRepository, { path, host, tag, limit, cursor }: CheckedInput<'list_versions'>, signal: AbortSignal): Promise<Answer> {
    const components = checkedComponents(path);
    if (components.length === 0) throw new Failure('PATH_NOT_FOUND', { what: 'The root of a snapshot has no versions', next: 'Name a file or folder' }, { path: 'path' });
    await opened.index(signal);
    const listed = await opened.snapshots(signal);
    const chosen = chosenSnapshots(listed.snapshots, { host, tag });
    const key = [components.map((component) => component.toString('latin1')), chosen.map(({ id }) => id)];
    const all = await this.#kept.get(key, async () => {
      const found = await versionsOfPath(opened.repository, chosen, components, signal);
      opened.confirm(found.unreadable);
      return answerOf(shownPath(components), found, chosen, damagedSnapshots(listed.damaged));
    });
    if (all.total === 0 && all.damaged.length === 0) throw new Failure('PATH_NOT_FOUND', { what: `None of ${chosen.length} snapshots has "${all.path}"`, next: 'Search for its name' }, { path: 'path' });
    const { items, next } = pageAt(all.versions, cursor, limit);
    return { ...all, versions: items, cursor: next };
  }
}

/** `chosen`: by time ascending. */
function answerOf(path: string, { versions, without, unreadable }: PathVersions, chosen: readonly StoredSnapshot[], damaged: Answer['damaged']): Omit<Answer, 'cursor'> {
  const places = new Map(chosen.map(({ id }, place) => [id, place]));
  const lastPlace = ({ snapshots }: PathVersion): number => places.get(snapshots.at(-1)?.id ?? '') ?? -1;
  const newestFirst = versions.toSorted((a, b) => lastPlace(b) - lastPlace(a));
  const unknown = unreadable.map(({ snapshot, failure }) => damagedPath(`${snapshot.id.slice(0, 8)}:${path}`, failure));
  return { path, total: versions.length, versions: newestFirst.map(versionOf), snapshots_without: without, damaged: [...damaged, ...unknown].slice(0, mostDamaged) };
}

function versionOf({ node, snapshots }: PathVersion): Version {
  return {
    type: node.type,
    size: node.type === 'file' ? shownSize(node.size) : 0,
    mode: node.mode,
    modified_at: formatTime(node.mtime),
    content_id: contentId(node),
    ...(node.linkTarget === undefined ? {} : { link_target: node.linkTarget.toString('utf8') }),
    snapshots: snapshots.length,
    first: momentOf(snapshots[0]),
    last: momentOf(snapshots.at(-1)),
  };
}

function contentId({ type, subtree, content }: TreeNode): string | null {
  if (type === 'dir') return subtree === null ? null : subtree.toString('hex');
  return type !== 'file' || content === null ? null : createHash('sha256').update(content).digest('hex');
}

function momentOf(stored: StoredSnapshot | undefined): Version['first'] {
  return { snapshot_id: stored?.id ?? '', time: stored?.snapshot.time ?? '' };
}
