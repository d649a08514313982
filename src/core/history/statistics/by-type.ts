/** How much of what kind of files snapshots hold; files with the same content count once. */
import { createHash } from 'node:crypto';
import { newMarks } from '../../repository/mark-below.ts';
import type { Repository } from '../../repository/repository.ts';
import type { StoredSnapshot } from '../../repository/snapshots.ts';
import { enter } from '../blob-marks.ts';
import { extensionOf, kindOfName, type FileKind } from '../browse/file-kinds.ts';
import { walkNodes } from '../node-walk.ts';
import type { CountOptions } from './counting-modes.ts';
import { DigestSet } from './digest-set.ts';

export interface TypeSize {
  readonly kind: FileKind;
  readonly files: number;
  readonly size: number;
  /** Bytes in packs. */
  readonly stored: number;
  /** The extensions with most bytes, largest first. */
  readonly extensions: readonly { readonly extension: string; readonly files: number; readonly size: number }[];
}

interface Sum {
  files: number;
  size: number;
}

const shownExtensions = 5;
/** Who makes up extensions by the million gets them as one. */
const mostExtensions = 10_000;

/** Largest first. Needs the index. */
export async function sizesByType(repository: Repository, snapshots: readonly StoredSnapshot[], { onUnreadable, signal }: CountOptions): Promise<TypeSize[]> {
  const { index } = repository;
  const entered = newMarks(repository);
  const contents = new DigestSet();
  const kinds = new Map<FileKind, { sum: Sum; marks: Uint8Array; extensions: Map<string, Sum> }>();
  for (const { snapshot } of snapshots) {
    const root = Buffer.from(snapshot.tree, 'hex');
    if (!enter(entered, index.entryOf('tree', root))) continue;
    const walk = walkNodes(repository, root, { enter: (_path, subtree) => enter(entered, index.entryOf('tree', subtree)), onUnreadableRoot: onUnreadable, ...(signal === undefined ? {} : { signal }) });
    for await (const found of walk) {
      if (found.kind === 'left') continue;
      if (found.failure !== undefined) onUnreadable(found.failure);
      if (found.kind !== 'node' || found.node.type !== 'file' || found.node.content === null) continue;
      const { name, content, size } = found.node;
      const kind = kindOfName(name);
      const entry = kinds.get(kind) ?? { sum: { files: 0, size: 0 }, marks: newMarks(repository), extensions: new Map<string, Sum>() };
      kinds.set(kind, entry);
      index.markIn(entry.marks, 'data', content);
      if (!contents.add(createHash('sha256').update(content).digest())) continue;
      add(entry.sum, size);
      const extension = extensionOf(name);
      const known = entry.extensions.get(extension) ?? (entry.extensions.size < mostExtensions ? { files: 0, size: 0 } : undefined);
      if (known === undefined) continue;
      add(known, size);
      entry.extensions.set(extension, known);
    }
  }
  const sizes = [...kinds].map(([kind, { sum, marks, extensions }]) => ({
    kind,
    ...sum,
    stored: index.sumMarked(marks).stored,
    extensions: [...extensions].map(([extension, one]) => ({ extension, ...one })).sort((a, b) => b.size - a.size || (a.extension < b.extension ? -1 : 1)).slice(0, shownExtensions),
  }));
  return sizes.sort((a, b) => b.size - a.size || (a.kind < b.kind ? -1 : 1));
}

function add(sum: Sum, size: bigint): void {
  sum.files += 1;
  sum.size += Number(size);
}
