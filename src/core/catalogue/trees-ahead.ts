/**
 * What was read of trees and is not yet asked for.
 *
 * Invariant: at most `mostBytes` of it, or a single one that has more, and `mostTrees` in number; what will be asked for last
 * gives way first. Folders are walked depth first, so that is what was read the longest ago.
 */

export const mostBytes = 16 * 1024 * 1024;
const mostTrees = 768;

export interface TreeAhead<Content> {
  readonly key: string;
  readonly bytes: number;
  readonly content: Content;
}

export class TreesAhead<Content> {
  /** What will be asked for last comes first. */
  readonly #trees = new Map<string, TreeAhead<Content>>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#trees.size;
  }

  get(key: string): Content | undefined {
    return this.#trees.get(key)?.content;
  }

  /** `trees`: in the order in which they will be asked for. */
  add(trees: readonly TreeAhead<Content>[]): void {
    for (const tree of trees.toReversed()) {
      this.take(tree.key);
      this.#trees.set(tree.key, tree);
      this.#bytes += tree.bytes;
    }
    for (const key of this.#trees.keys()) {
      if ((this.#bytes <= mostBytes && this.#trees.size <= mostTrees) || this.#trees.size === 1) break;
      this.take(key);
    }
  }

  take(key: string): Content | undefined {
    const tree = this.#trees.get(key);
    if (tree === undefined) return undefined;
    this.#trees.delete(key);
    this.#bytes -= tree.bytes;
    return tree.content;
  }
}
