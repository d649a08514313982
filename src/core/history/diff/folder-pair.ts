/**
 * Two versions of a folder, side by side.
 *
 * Vocabulary: a *step* is a name that one of them lacks or that they have with other facts; names with the very same node
 * are passed over.
 */
import { sameButContent, sameContent } from '../../repository/same-node.ts';
import { isRefused, type TreeOutline } from '../../repository/tree-outline.ts';
import type { Differences, Side } from './change.ts';

/** Rows of the outlines; undefined where that version has no such name. */
export interface Step {
  readonly key: string;
  readonly before: number | undefined;
  readonly after: number | undefined;
}

const nothing: { readonly keys: readonly string[]; readonly rows: readonly number[] } = { keys: [], rows: [] };
export const noDifference: Differences = { type: false, content: false, bitrot: false, metadata: false };

export class FolderPair {
  readonly before: TreeOutline | undefined;
  readonly after: TreeOutline | undefined;
  /** By name. */
  readonly steps: readonly Step[];
  /** Of folders that both versions have unchanged. */
  readonly commonTrees: readonly Buffer[];

  constructor(before: TreeOutline | undefined, after: TreeOutline | undefined) {
    this.before = before;
    this.after = after;
    const steps: Step[] = [];
    const common: Buffer[] = [];
    const old = before?.sorted() ?? nothing;
    const now = after?.sorted() ?? nothing;
    for (let i = 0, j = 0; i < old.keys.length || j < now.keys.length; ) {
      const oldKey = old.keys[i];
      const newKey = now.keys[j];
      if (newKey === undefined || (oldKey !== undefined && oldKey < newKey)) {
        steps.push({ key: oldKey as string, before: old.rows[i], after: undefined });
        i += 1;
        continue;
      }
      if (oldKey === undefined || newKey < oldKey) {
        steps.push({ key: newKey, before: undefined, after: now.rows[j] });
        j += 1;
        continue;
      }
      const beforeRow = old.rows[i] as number;
      const afterRow = now.rows[j] as number;
      const subtree = before?.subtree(beforeRow);
      if (subtree !== undefined && after?.subtree(afterRow)?.equals(subtree) === true) common.push(subtree);
      if (before !== undefined && after !== undefined && !before.sameText(beforeRow, after, afterRow)) steps.push({ key: newKey, before: beforeRow, after: afterRow });
      i += 1;
      j += 1;
    }
    this.steps = steps;
    this.commonTrees = common;
  }

  /** What the two nodes of a step differ in; nothing where only one version has the name. */
  differences({ before, after }: Step): Differences {
    if (before === undefined || after === undefined) return noDifference;
    const old = this.before?.node(before);
    const now = this.after?.node(after);
    // Of what cannot be decoded only the text is known, and that is another one.
    if (old === undefined || now === undefined || isRefused(old) || isRefused(now)) return { ...noDifference, metadata: true };
    const type = old.type !== now.type;
    const content = old.type === 'file' && now.type === 'file' && !sameContent(old, now);
    const same = sameButContent(old, now);
    return { type, content, bitrot: content && same, metadata: !same };
  }

  side(version: 'before' | 'after', row: number | undefined, withContent: boolean): Side | undefined {
    const outline = this[version];
    if (outline === undefined || row === undefined) return undefined;
    const side = { type: outline.type(row), size: outline.size(row) };
    if (!withContent || side.type !== 'file') return side;
    const node = outline.node(row);
    return isRefused(node) || node.content === null ? side : { ...side, content: node.content };
  }

  /** The trees to go on with: none for entries that are no folders, or the same folder. */
  subtrees({ before, after }: Step): { readonly before: Buffer | undefined; readonly after: Buffer | undefined } {
    const old = before === undefined ? undefined : this.before?.subtree(before);
    const now = after === undefined ? undefined : this.after?.subtree(after);
    const none = { before: undefined, after: undefined };
    if (before !== undefined && after !== undefined && (old === undefined || now === undefined || old.equals(now))) return none;
    return { before: old, after: now };
  }
}
