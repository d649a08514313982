/**
 * Files of patterns: one pattern a line, with restic's rules.
 *
 * White space around a line is dropped, then empty lines and lines that start with `#`. `$NAME` and `${NAME}` are
 * replaced by the environment (nothing if unset), `$$` by a dollar sign. A byte order mark is skipped.
 */
import { readFile } from 'node:fs/promises';
import { Failure } from '../../shared/errors.ts';

/** The patterns as byte strings. Throws `USAGE` where the file cannot be read. */
export async function readPatternFile(path: string, environment: NodeJS.ProcessEnv): Promise<string[]> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Failure('USAGE', { what: `The pattern file ${path} could not be read (${code})`, next: 'Check the path and its permissions' }, { cause: error });
  }
  return parsePatternFile(bytes, environment);
}

export function parsePatternFile(bytes: Buffer, environment: NodeJS.ProcessEnv): string[] {
  return textOf(bytes)
    .split('\n')
    .map((line) => trimSpace(line))
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => expandVariables(line, environment));
}

/** A byte string of UTF-8 text; UTF-16 with a byte order mark is converted. */
function textOf(bytes: Buffer): string {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return bytes.subarray(3).toString('latin1');
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return Buffer.from(bytes.subarray(2).toString('utf16le')).toString('latin1');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    const whole = Buffer.from(bytes.subarray(2, bytes.length - (bytes.length % 2)));
    return Buffer.from(whole.swap16().toString('utf16le')).toString('latin1');
  }
  return bytes.toString('latin1');
}

function trimSpace(line: string): string {
  return line.replace(/^[ \t\v\f\r]+|[ \t\v\f\r]+$/g, '');
}

const variable = /\$(?:\{([*#$@!?\-0-9])\}|\{([^}]*)\}|\{|([*#$@!?\-0-9])|([A-Za-z0-9_]+))/g;

/** As Go's `os.Expand`: `${}` and an unclosed `${` vanish, a dollar sign before anything else stays. */
function expandVariables(line: string, environment: NodeJS.ProcessEnv): string {
  return line.replace(variable, (_, special?: string, braced?: string, bare?: string, named?: string) => {
    const name = special ?? braced ?? bare ?? named ?? '';
    if (name === '$') return '$';
    return Buffer.from(environment[name] ?? '').toString('latin1');
  });
}
