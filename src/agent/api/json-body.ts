/** Bodies of requests: JSON that is neither malformed nor made to hurt. */
import { invalidInput } from '../../shared/contract/check-input.ts';

/** No input of ours is nested deeper than a handful of levels. */
const deepest = 32;

/** Undefined for an empty body; throws `INVALID_INPUT`. */
export function parseJsonBody(text: string): unknown {
  if (text.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw invalidInput({ path: '', message: 'The body is not valid JSON' });
  }
  refuseTraps(value);
  return value;
}

/** Without recursion: a body of a megabyte can be half a million levels deep. */
function refuseTraps(root: unknown): void {
  let level = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) throw invalidInput({ path: '', message: `The body is nested more than ${deepest} levels deep` });
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      if (Object.hasOwn(value, '__proto__')) throw invalidInput({ path: '__proto__', message: 'There is no such field' });
      for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) next.push(inner);
    }
    level = next;
  }
}
