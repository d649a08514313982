/**
 * Operations on many objects in one go, where thousands are wanted: to ask for each costs more than what is done for it.
 *
 * Invariant: an outcome that is not the wanted one (`undefined`, `false`) only says that the object is not to be had like that,
 * for whatever reason; the operation alone (object-store.ts) says which, and tries again. A name that is none rejects the whole.
 */
import type { ObjectType } from './object-store.ts';

export interface ObjectRange {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

export interface ObjectBatches {
  /** Whole objects, if small; an entry a name. */
  get(type: ObjectType, names: readonly string[]): Promise<readonly (Buffer | undefined)[]>;
  /** Parts of objects, one after another in `target`, which has exactly their size; an entry a range. */
  getRanges(type: ObjectType, ranges: readonly ObjectRange[], target: Buffer): Promise<readonly boolean[]>;
  /** An entry a name; absent is success. */
  remove(type: ObjectType, names: readonly string[]): Promise<readonly boolean[]>;
}
