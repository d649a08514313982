/**
 * Looking for the folders and files that use given trees and data blobs.
 *
 * Vocabulary: an id is asked for in full (64 hex digits) or *short* (its first 8), as in restic; anything else is an id
 * that nothing has.
 */
import type { Repository } from '../repository/repository.ts';
import { readRecords } from '../repository/index-writer.ts';
import type { TreeNode } from '../repository/tree.ts';
import type { PathState } from './path-patterns.ts';
import type { NodeQuery } from './tree-entries.ts';

export interface FoundObject {
  readonly kind: 'tree' | 'blob';
  /** 64 hex digits. */
  readonly id: string;
}

const everywhere: PathState = { number: 0, matched: false, dead: false };
const shortLength = 8;
/** With more ids than this, decoding a tree is cheaper than looking for each of them. */
const idsSearched = 16;

export class ObjectQuery implements NodeQuery {
  readonly root = everywhere;
  /** What was asked for; a short id gives way to the full one once that is known. Undefined where the kind is not asked for. */
  readonly trees: Set<string> | undefined;
  readonly blobs: Set<string> | undefined;

  constructor(wanted: { readonly trees?: Iterable<string>; readonly blobs?: Iterable<string> }) {
    if (wanted.trees !== undefined) this.trees = new Set(wanted.trees);
    if (wanted.blobs !== undefined) this.blobs = new Set(wanted.blobs);
  }

  step(): PathState {
    return everywhere;
  }

  mayHold(text: string): boolean {
    const ids = [...(this.trees ?? []), ...(this.blobs ?? [])];
    return ids.length > idsSearched || ids.some((id) => text.includes(id));
  }

  accepts(node: TreeNode): boolean {
    return this.objectsOf(node).length > 0;
  }

  /** In the order of the node's content; a blob that it has twice comes twice. */
  objectsOf(node: TreeNode): FoundObject[] {
    if (node.type === 'dir') return node.subtree === null || !this.wantsTree(node.subtree.toString('hex')) ? [] : [{ kind: 'tree', id: node.subtree.toString('hex') }];
    const found: FoundObject[] = [];
    if (node.type !== 'file' || node.content === null || this.blobs === undefined) return found;
    for (let at = 0; at < node.content.length; at += 32) {
      const id = node.content.toString('hex', at, at + 32);
      if (!this.blobs.has(id)) {
        if (!this.blobs.delete(id.slice(0, shortLength))) continue;
        this.blobs.add(id);
      }
      found.push({ kind: 'blob', id });
    }
    return found;
  }

  wantsTree(id: string): boolean {
    return this.trees !== undefined && (this.trees.has(id) || this.trees.has(id.slice(0, shortLength)));
  }
}

/** The blobs in packs, by the index. `missing`: packs that it does not list. */
export function objectsInPacks(repository: Repository, packs: readonly string[]): { readonly trees: string[]; readonly blobs: string[]; readonly missing: string[] } {
  const trees: string[] = [];
  const blobs: string[] = [];
  const missing = new Set(packs);
  const ids = repository.index.packIds();
  for (let at = 0; at < ids.length; at += 32) {
    const id = ids.toString('hex', at, at + 32);
    const asked = missing.has(id) ? id : id.slice(0, shortLength);
    if (!missing.delete(asked)) continue;
    for (const record of readRecords(repository.index.packRecords(ids.subarray(at, at + 32)))) (record.type === 'tree' ? trees : blobs).push(record.id.toString('hex'));
  }
  return { trees, blobs, missing: [...missing].sort() };
}
