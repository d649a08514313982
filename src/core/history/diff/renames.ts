/**
 * Files that only changed their name or place: one removed, one added, with the same content.
 *
 * Invariants: empty files are not compared, nobody could tell them apart; each removed file is used once; of several with
 * the same content the one with the same name comes first. Memory: about 200 bytes a removed or added file, of at most
 * `mostKept` of each; beyond those nothing is looked for.
 */
import { createHash } from 'node:crypto';
import type { Change, Side } from './change.ts';

export interface Rename {
  readonly kind: 'rename';
  readonly from: Buffer;
  readonly to: Buffer;
  readonly size: number;
}

interface Kept {
  readonly path: Buffer;
  readonly size: number;
  readonly key: string;
}

const mostKept = 250_000;

export class RenameFinder {
  readonly #removed: Kept[] = [];
  readonly #added: Kept[] = [];

  see({ path, before, after }: Change): void {
    if (before === undefined) keep(this.#added, path, after);
    else if (after === undefined) keep(this.#removed, path, before);
  }

  /** In the order of the new paths. */
  *renames(): Iterable<Rename> {
    const byContent = new Map<string, Kept[]>();
    for (const kept of this.#removed) byContent.set(kept.key, [...(byContent.get(kept.key) ?? []), kept]);
    for (const { path, size, key } of this.#added) {
      const candidates = byContent.get(key);
      if (candidates === undefined || candidates.length === 0) continue;
      const sameName = candidates.findIndex((candidate) => nameOf(candidate.path).equals(nameOf(path)));
      const [from] = candidates.splice(Math.max(0, sameName), 1);
      if (from !== undefined) yield { kind: 'rename', from: from.path, to: path, size };
    }
  }
}

function keep(list: Kept[], path: Buffer, side: Side | undefined): void {
  if (side?.content === undefined || side.content.length === 0 || list.length >= mostKept) return;
  list.push({ path, size: side.size, key: side.content.length === 32 ? side.content.toString('latin1') : createHash('sha256').update(side.content).digest().toString('latin1') });
}

function nameOf(path: Buffer): Buffer {
  return path.subarray(path.lastIndexOf(0x2f) + 1);
}
