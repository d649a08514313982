/**
 * A small file of settings that is kept up to date while the server runs.
 *
 * Invariants: a changed file is noticed within a second of the next question; a file that became unreadable or malformed
 * leaves the content as it was and is reported once, while at start it is fatal.
 */
import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '../core/platform/clock.ts';
import type { Logger } from '../core/platform/logger.ts';
import { Failure } from '../shared/errors.ts';

const checkIntervalMs = 1000;
const missing = 'missing';

export interface FollowedFileOptions<Content> {
  readonly path: string;
  /** As in "the file of users". */
  readonly title: string;
  /** For the person whose file cannot be used at start. */
  readonly next: string;
  /** Throws an Error with one sentence; `notes` are about parts that were left out. */
  readonly parse: (text: string) => { readonly content: Content; readonly notes: readonly string[] };
  /** What a file that is not there stands for; without it there must be one. */
  readonly whenMissing?: Content;
}

export class FollowedFile<Content> {
  readonly #options: FollowedFileOptions<Content>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #content: Content;
  /** What the file looked like when it was read: size, time and inode. */
  #seen: string;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #checking: Promise<void> | undefined;
  /** Called after every change of the content. */
  onChange: () => void = () => undefined;

  private constructor(options: FollowedFileOptions<Content>, first: { readonly content: Content; readonly seen: string }, clock: Clock, logger: Logger) {
    this.#options = options;
    this.#content = first.content;
    this.#seen = first.seen;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Reads the file; throws a `Failure` (CONFIGURATION) when it is missing and must not be, or malformed. */
  static async open<Content>(options: FollowedFileOptions<Content>, clock: Clock, logger: Logger): Promise<FollowedFile<Content>> {
    try {
      return new FollowedFile(options, await read(options, logger), clock, logger);
    } catch (error) {
      const { path, title, next } = options;
      throw new Failure('CONFIGURATION', { what: isMissing(error) ? `The ${title} ${path} does not exist` : `The ${title} ${path} cannot be used: ${reasonOf(error)}`, next }, { cause: error });
    }
  }

  /** Of the last look. */
  get content(): Content {
    return this.#content;
  }

  /** Looks first whether the file changed. */
  async current(): Promise<Content> {
    if (this.#clock.monotonic() - this.#checkedAt >= checkIntervalMs) {
      this.#checking ??= this.#check().finally(() => {
        this.#checking = undefined;
      });
      await this.#checking;
    }
    return this.#content;
  }

  /** Reads the file again now. */
  async reload(): Promise<void> {
    this.#seen = '';
    this.#checkedAt = Number.NEGATIVE_INFINITY;
    await this.current();
  }

  async #check(): Promise<void> {
    const { path, title, whenMissing } = this.#options;
    try {
      if ((await look(path, whenMissing !== undefined)) !== this.#seen) {
        const { content, seen } = await read(this.#options, this.#logger);
        this.#content = content;
        this.#seen = seen;
        this.onChange();
      }
      this.#checkedAt = this.#clock.monotonic();
    } catch (error) {
      this.#checkedAt = this.#clock.monotonic();
      // It is tried again at every look, and reported once.
      const failed = `failed: ${reasonOf(error)}`;
      if (failed !== this.#seen) this.#logger.error({ file: path, reason: reasonOf(error) }, `the ${title} cannot be read: what it said before stays in force`);
      this.#seen = failed;
    }
  }
}

async function read<Content>({ path, title, parse, whenMissing }: FollowedFileOptions<Content>, logger: Logger): Promise<{ readonly content: Content; readonly seen: string }> {
  const seen = await look(path, whenMissing !== undefined);
  if (seen === missing && whenMissing !== undefined) return { content: whenMissing, seen };
  const { content, notes } = parse(await readFile(path, 'utf8'));
  for (const note of notes) logger.warn({ file: path, note }, `a part of the ${title} was left out`);
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    logger.warn({ file: path, mode: (mode & 0o777).toString(8) }, `other users of this machine may read the ${title}: chmod 600 it`);
  }
  return { content, seen };
}

/** Changes whenever the file does. */
async function look(path: string, mayBeMissing: boolean): Promise<string> {
  try {
    const { size, mtimeMs, ino } = await stat(path);
    return `${size} ${mtimeMs} ${ino}`;
  } catch (error) {
    if (mayBeMissing && isMissing(error)) return missing;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.message : String(error);
}
