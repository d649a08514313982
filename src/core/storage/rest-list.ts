/**
 * The answer to a list request (REST specification, section 3), in both versions.
 *
 * Invariant: the text is parsed element by element, so that a list of a million objects costs little memory, and a text
 * that is not a whole list is an error.
 */
import { StorageError } from './object-store.ts';

/** Version 1 carries names only. */
export interface ListEntry {
  readonly name: string;
  /** Bytes; undefined in version 1. */
  readonly size: number | undefined;
  /** When the server got it, in milliseconds since the epoch; our own server tells it of snapshots. */
  readonly received?: number;
}

export const listVersion2 = 'application/vnd.x.restic.rest.v2';

/** Our own server answers lists with this header and the value `yes` where the port's `listsAreCurrent` holds. */
export const currentListsHeader = 'x-lists-are-current';

/** Longest element that is looked at, in characters; a real one has about 100. */
const elementLimit = 65_536;

/** Entries of the list whose text comes in `pieces`; `version2` says which form it claims to have. */
export function* parseList(pieces: Iterable<Buffer>, version2: boolean): Generator<ListEntry> {
  for (const text of elements(pieces)) {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new StorageError('permanent', 'the list of the server is not JSON', { cause: error });
    }
    yield entryOf(value, version2);
  }
}

function entryOf(value: unknown, version2: boolean): ListEntry {
  if (!version2 && typeof value === 'string') return { name: value, size: undefined };
  if (version2 && typeof value === 'object' && value !== null && 'name' in value && 'size' in value) {
    const { name, size } = value;
    if (typeof name === 'string' && typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) {
      const received = 'received' in value ? value.received : undefined;
      return { name, size, ...(typeof received === 'number' && Number.isSafeInteger(received) ? { received } : {}) };
    }
  }
  throw new StorageError('permanent', 'the list of the server holds something else than objects');
}

const space = /\s/;

/** The texts of the elements of one JSON array; `null` has none. */
function* elements(pieces: Iterable<Buffer>): Generator<string> {
  const decoder = new TextDecoder();
  let pending = '';
  let state: 'start' | 'first' | 'element' | 'separator' | 'end' = 'start';
  for (const piece of pieces) {
    pending += decoder.decode(piece, { stream: true });
    let at = 0;
    for (;;) {
      while (at < pending.length && space.test(pending.charAt(at))) at++;
      if (at >= pending.length) break;
      const character = pending.charAt(at);
      if (state === 'start' && character === 'n') {
        if (pending.length - at < 4) break;
        if (!pending.startsWith('null', at)) throw broken();
        at += 4;
        state = 'end';
      } else if (state === 'start' && character === '[') {
        at++;
        state = 'first';
      } else if ((state === 'first' || state === 'separator') && character === ']') {
        at++;
        state = 'end';
      } else if (state === 'separator' && character === ',') {
        at++;
        state = 'element';
      } else if (state === 'first' || state === 'element') {
        const end = elementEnd(pending, at);
        if (end === -1) break;
        yield pending.slice(at, end);
        at = end;
        state = 'separator';
      } else {
        throw broken();
      }
    }
    pending = pending.slice(at);
    if (pending.length > elementLimit) throw broken();
  }
  if (state !== 'end') throw new StorageError('temporary', 'the list of the server ended early');
}

function broken(): StorageError {
  return new StorageError('permanent', 'the list of the server is not a JSON list');
}

/** Index after the string or object that starts at `start`; -1 while its end is not there yet. */
function elementEnd(text: string, start: number): number {
  let depth = 0;
  let quoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at);
    if (quoted) {
      if (character === '\\') at++;
      else if (character === '"') quoted = false;
    } else if (character === '"') {
      quoted = true;
    } else if (character === '{') {
      depth++;
    } else if (character === '}') {
      depth--;
    } else if (depth === 0) {
      throw broken();
    }
    if (!quoted && depth === 0) return at + 1;
  }
  return -1;
}
