/** A step from one version of a document to the next. */
import type { z } from 'zod';

export interface Migration {
  /** The version that it leads away from, to the next one. */
  readonly from: number;
  /** Of that version; kept as it was then, whatever the contract says later. */
  readonly schema: z.ZodType;
  /** Takes what `schema` accepted. */
  step(document: unknown): unknown;
}

/** Keeps the type of a step's document. */
export function migration<Earlier>(from: number, schema: z.ZodType<Earlier>, step: (document: Earlier) => unknown): Migration {
  return { from, schema, step: (document) => step(document as Earlier) };
}
