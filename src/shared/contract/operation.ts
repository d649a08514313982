/**
 * What an operation is.
 *
 * An operation has one input object and one output object, whatever carries it. Over HTTP the input's fields that the
 * path names go into the path, the others into the query (GET, DELETE) or the JSON body (POST, PUT).
 */
import type { z } from 'zod';
import type { FailureCode } from '../errors.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface Operation<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodType = z.ZodType> {
  readonly method: HttpMethod;
  /** With `{name}` for each field that goes into the path. */
  readonly path: string;
  /** One sentence for the OpenAPI document and the interface's own help. */
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  /** Of a success; 200 by default. */
  readonly status?: 200 | 202;
  /** Failures that a caller has to expect, besides those that every request may get. */
  readonly errors: readonly FailureCode[];
}

/** Failures that any request may get. */
export const commonErrors = ['INVALID_INPUT', 'UNAUTHORIZED', 'FORBIDDEN', 'BODY_TOO_LARGE', 'RATE_LIMITED', 'INTERNAL'] as const satisfies readonly FailureCode[];

/** Failures of every operation that looks into a repository, which a process of its own does. */
export const readerErrors = [
  'REPOSITORY_NOT_FOUND', 'PASSWORD_MISSING', 'REPOSITORY_MISSING', 'REPOSITORY_VERSION', 'WRONG_PASSWORD',
  'STORAGE_UNREACHABLE', 'STORAGE_DENIED', 'STORAGE_FAILED', 'FINGERPRINT_CHANGED', 'DAMAGED',
  'INTERRUPTED', 'WORKER_CRASHED', 'WORKER_HUNG', 'WORKER_OUT_OF_MEMORY',
] as const satisfies readonly FailureCode[];

/** Keeps the exact types of an operation. */
export function operation<Input extends z.ZodObject, Output extends z.ZodType>(definition: Operation<Input, Output>): Operation<Input, Output> {
  return definition;
}

/** Names of the fields that go into the path, in its order. */
export function pathFields(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
}
