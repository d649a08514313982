/**
 * What a backup leaves out.
 *
 * Vocabulary: a *tag file* marks the folder that holds it: everything else in that folder is left out, the folder and
 * the tag file are kept. `CACHEDIR.TAG` is one, if it starts with the signature of the cache directory standard
 * (bford.info/cachedir).
 *
 * Invariant: names are judged before anything is known about a file, so that what is excluded never causes an error.
 */
import { constants, lstat, open } from 'node:fs/promises';
import { Failure } from '../../shared/errors.ts';
import { byteString, bytesOf, joinBytes, type Platform } from './byte-path.ts';
import { BadPattern } from './glob.ts';
import { readPatternFile } from './pattern-file.ts';
import { PatternList } from './patterns.ts';

export interface ExcludeOptions {
  /** Raw bytes or UTF-8 text. */
  readonly patterns?: readonly (string | Uint8Array)[];
  /** As `patterns`, without regard to case. */
  readonly insensitivePatterns?: readonly (string | Uint8Array)[];
  readonly patternFiles?: readonly string[];
  readonly insensitivePatternFiles?: readonly string[];
  /** Leaves out the content of folders with a valid `CACHEDIR.TAG`. */
  readonly caches?: boolean;
  /** `NAME` or `NAME:HEADER`: leaves out the content of folders with such a file (that starts with the header). */
  readonly ifPresent?: readonly string[];
  /** Leaves out files of more bytes. */
  readonly largerThan?: number;
}

interface TagFile {
  readonly name: string;
  readonly header: Buffer;
}

const cacheTag: TagFile = { name: 'CACHEDIR.TAG', header: Buffer.from('Signature: 8a477f597d28d172789f06886806bc55') };

export class Excludes {
  readonly #sensitive: PatternList;
  readonly #insensitive: PatternList;
  readonly #largest: bigint | undefined;
  readonly tagFiles: readonly TagFile[];

  constructor(sensitive: readonly string[], insensitive: readonly string[], tagFiles: readonly TagFile[], largest: number | undefined, platform: Platform) {
    this.#sensitive = new PatternList(sensitive, platform);
    this.#insensitive = new PatternList(insensitive.map(foldCase), platform);
    this.#largest = largest === undefined ? undefined : BigInt(largest);
    this.tagFiles = tagFiles;
  }

  /** True where every entry of every folder is kept. */
  get isEmpty(): boolean {
    return !this.judgesNames && this.tagFiles.length === 0 && this.#largest === undefined;
  }

  /** False where `excludesName` is always false and needs no components. */
  get judgesNames(): boolean {
    return !this.#sensitive.isEmpty || !this.#insensitive.isEmpty;
  }

  excludesName(components: readonly string[]): boolean {
    return this.#sensitive.matches(components) || (!this.#insensitive.isEmpty && this.#insensitive.matches(components.map(foldCase)));
  }

  excludesSize(size: bigint): boolean {
    return this.#largest !== undefined && size > this.#largest;
  }

  /**
   * Names that are kept in a folder in spite of its tag files: undefined where the folder is not marked. `names`: of
   * its entries, byte strings; without them the disk is asked.
   */
  async keptInTaggedFolder(folder: Buffer, names: ReadonlySet<string> | undefined): Promise<ReadonlySet<string> | undefined> {
    let kept: Set<string> | undefined;
    for (const tag of this.tagFiles) {
      if (names?.has(tag.name) === false || !(await startsWith(joinBytes(folder, bytesOf(tag.name)), tag.header))) continue;
      // Two tags in one folder each leave out the other.
      kept = kept === undefined ? new Set([tag.name]) : new Set();
    }
    return kept;
  }
}

/** Throws `USAGE` for a bad pattern or an unreadable pattern file. */
export async function loadExcludes(options: ExcludeOptions, environment: NodeJS.ProcessEnv, platform: Platform): Promise<Excludes> {
  const fromFiles = async (files: readonly string[]): Promise<string[]> => (await Promise.all(files.map((file) => readPatternFile(file, environment)))).flat();
  const sensitive = [...(options.patterns ?? []).map(patternText), ...(await fromFiles(options.patternFiles ?? []))];
  const insensitive = [...(options.insensitivePatterns ?? []).map(patternText), ...(await fromFiles(options.insensitivePatternFiles ?? []))];
  const tagFiles = [...(options.caches === true ? [cacheTag] : []), ...(options.ifPresent ?? []).map(parseTagFile)];
  try {
    return new Excludes(sensitive, insensitive, tagFiles, options.largerThan, platform);
  } catch (error) {
    if (!(error instanceof BadPattern)) throw error;
    const text = bytesOf(error.message).toString('utf8');
    throw new Failure('USAGE', { what: `The pattern ${text} is not valid`, next: 'Close every [ with ], and do not end a pattern with a backslash' }, { cause: error });
  }
}

function patternText(pattern: string | Uint8Array): string {
  return typeof pattern === 'string' ? Buffer.from(pattern).toString('latin1') : byteString(pattern);
}

function parseTagFile(specification: string): TagFile {
  const colon = specification.indexOf(':');
  const name = colon < 0 ? specification : specification.slice(0, colon);
  if (name === '' || name.includes('/')) {
    throw new Failure('USAGE', { what: `"${specification}" does not name a file that marks a folder`, next: 'Give a file name, or NAME:HEADER' });
  }
  return { name: Buffer.from(name).toString('latin1'), header: Buffer.from(colon < 0 ? '' : specification.slice(colon + 1)) };
}

/** False where the file does not exist or cannot be read: then nothing is left out. */
async function startsWith(path: Buffer, header: Buffer): Promise<boolean> {
  try {
    if (header.length === 0) {
      await lstat(path);
      return true;
    }
    // Non-blocking, since anything may have that name: opening a FIFO would wait for a writer.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const start = Buffer.alloc(header.length);
      const { bytesRead } = await file.read(start, 0, header.length, 0);
      return bytesRead === header.length && start.equals(header);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

const asciiOnly = /^[^\u0080-\u00ff]*$/;

/** Lower case, character by character as restic does; bytes that are not UTF-8 stay as they are. */
function foldCase(text: string): string {
  if (asciiOnly.test(text)) return text.toLowerCase();
  const bytes = bytesOf(text);
  const decoded = bytes.toString('utf8');
  if (!Buffer.from(decoded).equals(bytes)) return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  const folded = Array.from(decoded, (character) => Array.from(character.toLowerCase())[0] ?? '').join('');
  return Buffer.from(folded).toString('latin1');
}
