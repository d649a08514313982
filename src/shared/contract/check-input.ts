/**
 * Checks an operation's input, whatever carried it: HTTP, IPC, or the client before it sends.
 */
import type { z } from 'zod';
import { Failure } from '../errors.ts';
import { operations } from './operations.ts';
import type { CheckedInput, OperationName } from './operations.ts';

/** The longest piece of a caller's own text that a message repeats. */
const longestEcho = 120;

/** The input with its defaults filled in; throws `INVALID_INPUT` with the first field at fault. */
export function checkInput<Name extends OperationName>(name: Name, input: unknown): CheckedInput<Name> {
  const result = operations[name].input.safeParse(input);
  // The map's value at `Name` is what parsing by it gives; TypeScript does not follow an indexed union through a call.
  if (result.success) return result.data as CheckedInput<Name>;
  throw invalidInput(problemOf(result.error, input));
}

/** A refusal that names the field. `path` is empty where the input as a whole is at fault. */
export function invalidInput(problem: { readonly path: string; readonly message: string }): Failure {
  const { path, message } = problem;
  return new Failure(
    'INVALID_INPUT',
    { what: path === '' ? message : `${path}: ${message}`, safe: 'Nothing was changed', next: 'The description of the API says what each field takes' },
    path === '' ? {} : { path },
  );
}

function problemOf(error: z.ZodError, input: unknown): { path: string; message: string } {
  const [first] = error.issues;
  if (first === undefined) throw new TypeError('A refused input has at least one issue');
  const { issue, path } = innermost(first, first.path);
  const at = issue.code === 'unrecognized_keys' ? [...path, issue.keys[0] ?? ''] : path;
  return { path: shortened(at.map(String).join('.')), message: messageOf(issue, valueAt(input, path)) };
}

/** Of a union the branch that came furthest, of a key the reason why it is none. */
function innermost(issue: z.core.$ZodIssue, path: readonly PropertyKey[]): { issue: z.core.$ZodIssue; path: readonly PropertyKey[] } {
  const inner = issue.code === 'invalid_union' ? issue.errors.flatMap((branch) => branch.slice(0, 1)) : issue.code === 'invalid_key' ? issue.issues.slice(0, 1) : [];
  const furthest = inner.toSorted((a, b) => b.path.length - a.path.length)[0];
  return furthest === undefined ? { issue, path } : innermost(furthest, [...path, ...furthest.path]);
}

function messageOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === 'unrecognized_keys') return 'There is no such field';
  if (issue.code === 'invalid_type' && value === undefined) return 'The field is missing';
  return shortened(issue.message.replace(/^Invalid input: e/, 'E'));
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined), input);
}

function shortened(text: string): string {
  return text.length <= longestEcho ? text : `${text.slice(0, longestEcho)}…`;
}
