/** Many objects of a folder, each batch as one piece of work of the native addon. */
import type { Addon } from '../native/addon.ts';
import { piecesOf } from '../native/many-bytes.ts';
import { objectPaths } from './local-layout.ts';
import type { ObjectBatches } from './object-batches.ts';

/** `root`: absolute path of the repository's folder. `limit`: bytes of the largest object that `get` reads. */
export function localBatches(root: string, files: Pick<Addon, 'readSmallObjects' | 'readRanges' | 'removeObjectFiles'>, limit: number): ObjectBatches {
  return {
    async get(type, names) {
      return piecesOf(await files.readSmallObjects(objectPaths(root, type, names), limit));
    },
    async getRanges(type, ranges, target) {
      const numbers = Float64Array.from(ranges.flatMap(({ offset, length }) => [offset, length]));
      const filled = await files.readRanges(objectPaths(root, type, ranges.map(({ name }) => name)), numbers, target);
      return Array.from(filled, (byte) => byte === 1);
    },
    async remove(type, names) {
      const outcomes = await files.removeObjectFiles(objectPaths(root, type, names));
      return outcomes.map((outcome) => outcome === null);
    },
  };
}
