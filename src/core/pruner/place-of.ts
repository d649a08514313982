/** Where a blob is needed: looked for only to say it in a failure. */
import { Failure } from '../../shared/errors.ts';
import type { BlobType } from '../native/addon.ts';
import type { Repository } from '../repository/repository.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import type { Tree } from '../repository/tree.ts';
import { TreeReader } from '../repository/tree-reader.ts';

interface Wanted {
  readonly type: BlobType;
  readonly id: Buffer;
}

/** Those that wait and are looked at. */
const treesAhead = 64;

/** `SNAPSHOT:/path` of the first file or folder that needs the blob. Trees that cannot be read are passed over. */
export async function placeOf(repository: Repository, snapshots: readonly StoredSnapshot[], wanted: Wanted, signal?: AbortSignal): Promise<string> {
  const trees = new TreeReader(repository, signal);
  const seen = new Set<string>();
  for (const { id, snapshot } of snapshots) {
    const pending: { readonly id: Buffer; readonly path: string }[] = [{ id: Buffer.from(snapshot.tree, 'hex'), path: '' }];
    for (let tree = pending.pop(); tree !== undefined; tree = pending.pop()) {
      if (wanted.type === 'tree' && tree.id.equals(wanted.id)) return `${id.slice(0, 8)}:${tree.path}/`;
      const key = tree.id.toString('latin1');
      if (seen.has(key)) continue;
      seen.add(key);
      for (const node of (await readable(trees, tree.id)).nodes) {
        const path = `${tree.path}/${node.name.toString('utf8')}`;
        if (wanted.type === 'data' && node.content !== null && holds(node.content, wanted.id)) return `${id.slice(0, 8)}:${path}`;
        if (node.type === 'dir' && node.subtree !== null) pending.push({ id: node.subtree, path });
      }
      trees.prefetch(nextOf(pending, seen));
    }
  }
  return 'a snapshot';
}

function* nextOf(pending: readonly { readonly id: Buffer }[], seen: ReadonlySet<string>): Generator<Buffer> {
  for (let i = pending.length - 1; i >= Math.max(0, pending.length - treesAhead); i -= 1) {
    const next = pending[i];
    if (next !== undefined && !seen.has(next.id.toString('latin1'))) yield next.id;
  }
}

function holds(content: Buffer, id: Buffer): boolean {
  for (let at = 0; at < content.length; at += 32) if (content.compare(id, 0, 32, at, at + 32) === 0) return true;
  return false;
}

async function readable(trees: TreeReader, id: Buffer): Promise<Tree> {
  try {
    return await trees.read(id);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
    return { nodes: [], refused: [] };
  }
}
