/** Bodies of requests: JSON that is neither malformed nor made to hurt. */
import { isUtf8 } from 'node:buffer';
import { invalidInput } from '../../shared/contract/check-input.ts';

/** No input of ours is nested deeper than a handful of levels. */
const deepest = 32;

/** Undefined for an empty body; throws `INVALID_INPUT`. */
export function parseJsonBody(bytes: Uint8Array): unknown {
  const text = textOf(bytes);
  if (text.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw invalidInput({ path: 'body', message: 'It is not valid JSON' });
  }
  refuseTraps(value);
  return value;
}

/** Bytes that are no UTF-8 would become another path or pattern than was meant. */
function textOf(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw invalidInput({ path: 'body', message: 'It is not UTF-8' });
  return new TextDecoder().decode(bytes);
}

/** Without recursion: a body of a megabyte can be half a million levels deep. */
function refuseTraps(root: unknown): void {
  let level = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) throw invalidInput({ path: 'body', message: `It is nested more than ${deepest} levels deep` });
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      if (Object.hasOwn(value, '__proto__')) throw invalidInput({ path: '__proto__', message: 'There is no such field' });
      for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) next.push(inner);
    }
    level = next;
  }
}
