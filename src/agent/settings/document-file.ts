/**
 * A document in a file and a copy of it, which survive what happens to either.
 *
 * Vocabulary: the *main* file and the *copy* hold the same; each is *whole*, *missing*, *damaged* or *newer* (written by a
 * later version of the program). A damaged file is *set aside*: renamed, never removed.
 *
 * Invariants: the copy is replaced after the main file, so whatever moment a crash takes, one of both is whole and holds the
 * last answered change or the one before; a newer file makes the opening fail and nothing is touched; memory changes after
 * the disk. Both files are readable by their owner only.
 */
import { chmodSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { z } from 'zod';
import { makePrivateFolder } from '../../core/platform/home.ts';
import type { Logger } from '../../core/platform/logger.ts';
import { isReplacement, replaceFiles } from '../../core/platform/replace-files.ts';
import { Failure } from '../../shared/errors.ts';
import { sealDocument, unsealDocument } from './envelope.ts';
import type { Migration } from './migration.ts';

export interface DocumentKind<Content> {
  /** For people, as in `settings`. */
  readonly title: string;
  /** Of this program's documents; `migrations` lead from 1 to it. */
  readonly version: number;
  readonly migrations: readonly Migration[];
  readonly schema: z.ZodType<Content>;
  /** What holds where there is no file. */
  readonly empty: () => Content;
}

export interface DocumentPlace {
  /** Path of the main file, `NAME.json`; the copy is `NAME.copy.json` beside it. */
  readonly path: string;
  readonly logger: Logger;
  /** Milliseconds since the epoch, for the names of files that are set aside. */
  readonly now: () => number;
}

/** What opening had to repair. `restored`: from the copy, nothing is missing. `lost`: neither file could be used. `renewed`: only the copy was bad. */
export interface Repair {
  readonly outcome: 'restored' | 'lost' | 'renewed';
  /** What happened, what is safe, what to do. */
  readonly message: string;
  /** Where the damaged files are now. */
  readonly setAside: readonly string[];
}

type Found<Content> = { readonly state: 'whole'; readonly content: Content } | { readonly state: 'missing' } | { readonly state: 'damaged'; readonly reason: string } | { readonly state: 'newer'; readonly version: number };

export class DocumentFile<Content> {
  readonly #kind: DocumentKind<Content>;
  readonly #place: DocumentPlace;
  readonly #paths: readonly [string, string];
  #content: Content;
  /** Undefined where there was nothing to repair. */
  readonly repair: Repair | undefined;

  /** Opens, and repairs where needed. Failure CONFIGURATION for a newer version, and for files that cannot be read. */
  constructor(kind: DocumentKind<Content>, place: DocumentPlace) {
    this.#kind = kind;
    this.#place = place;
    this.#paths = [place.path, place.path.replace(/\.json$/, '.copy.json')];
    try {
      makePrivateFolder(dirname(place.path));
      const [main, copy] = this.#paths.map((path) => this.#read(path)) as [Found<Content>, Found<Content>];
      for (const found of [main, copy]) if (found.state === 'newer') throw newerFailure(kind, place.path, found.version);
      removeReplacements(place.path);
      this.#content = main.state === 'whole' ? main.content : copy.state === 'whole' ? copy.content : kind.empty();
      this.repair = this.#repair(main, copy);
    } catch (error) {
      throw systemFailure(error, kind.title, place.path);
    }
  }

  get content(): Content {
    return this.#content;
  }

  /** Replaces the content: on disk, then here. Failure QUEUE_FULL for a full disk, CONFIGURATION for other refusals; then nothing changes. */
  replace(content: Content): Content {
    const checked = this.#kind.schema.parse(content);
    try {
      this.#write(checked);
    } catch (error) {
      throw systemFailure(error, this.#kind.title, this.#place.path);
    }
    this.#content = checked;
    return checked;
  }

  #write(content: Content): void {
    replaceFiles(this.#paths, sealDocument(this.#kind.version, content));
  }

  #read(path: string): Found<Content> {
    let text: string;
    try {
      this.#makePrivate(path);
      text = readFileSync(path, 'utf8');
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ENOENT') return { state: 'missing' };
      // A bad sector, or something else under that name: the other file counts.
      if (code === 'EIO' || code === 'EISDIR') return { state: 'damaged', reason: `it cannot be read (${code})` };
      throw error;
    }
    const unsealed = unsealDocument(text);
    if (unsealed.state === 'damaged') return unsealed;
    if (unsealed.version > this.#kind.version) return { state: 'newer', version: unsealed.version };
    return this.#checked(unsealed.version, unsealed.content);
  }

  #checked(version: number, content: unknown): Found<Content> {
    let current = content;
    for (const migration of this.#kind.migrations.filter(({ from }) => from >= version)) {
      const earlier = migration.schema.safeParse(current);
      if (!earlier.success) return { state: 'damaged', reason: `it is no document of version ${migration.from}` };
      current = migration.step(earlier.data);
    }
    const { success, data, error } = this.#kind.schema.safeParse(current);
    return success ? { state: 'whole', content: data } : { state: 'damaged', reason: `its ${error.issues[0]?.path.join('.') ?? 'content'} is not valid` };
  }

  /** Others may not even read it: on POSIX systems by its mode; on Windows by the rights of the user's own folder. */
  #makePrivate(path: string): void {
    if (process.platform === 'win32') return;
    const { mode } = statSync(path);
    if ((mode & 0o077) === 0) return;
    try {
      chmodSync(path, mode & 0o700);
    } catch (error) {
      throw new Failure(
        'CONFIGURATION',
        { what: `Other users of this computer may read the ${this.#kind.title} in ${path}, and that cannot be changed (${codeOf(error) ?? 'unknown'})`, safe: 'Nothing was read from it', next: `Make it yours, with mode 0600 (chmod 600 "${path}"), and start again` },
        { cause: error },
      );
    }
    this.#place.logger.warn({ file: path, mode: (mode & 0o777).toString(8) }, 'other users of this computer could read this file; its mode is 0600 now');
  }

  #repair(main: Found<Content>, copy: Found<Content>): Repair | undefined {
    const isFirst = main.state === 'missing' && copy.state === 'missing';
    if (isFirst || (main.state === 'whole' && copy.state === 'whole')) return undefined;
    const setAside = [main, copy].flatMap((found, at) => (found.state === 'damaged' ? [this.#setAside(this.#paths[at] ?? '', found.reason)] : []));
    this.#writeAgain();
    // A crash came between the two, as it may.
    if (main.state === 'whole' && copy.state === 'missing') return undefined;
    const outcome = main.state === 'whole' ? 'renewed' : copy.state === 'whole' ? 'restored' : 'lost';
    const message = repairMessage(outcome, this.#kind.title, this.#place.path, setAside);
    this.#place.logger[outcome === 'lost' ? 'error' : 'warn']({ file: this.#place.path, set_aside: setAside }, message);
    return { outcome, message, setAside };
  }

  /** After a repair; on a full disk the next start repairs again. */
  #writeAgain(): void {
    try {
      this.#write(this.#content);
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      this.#place.logger.error({ file: this.#place.path, reason: codeOf(error) }, 'a repaired file cannot be written again');
    }
  }

  #setAside(path: string, reason: string): string {
    const stamp = new Date(this.#place.now()).toISOString().replace(/[-:]|\.\d+/g, '');
    const taken = new Set(readdirSync(dirname(path)));
    let target = `${path}.damaged-${stamp}`;
    for (let number = 2; taken.has(basename(target)); number += 1) target = `${path}.damaged-${stamp}-${number}`;
    renameSync(path, target);
    this.#place.logger.warn({ file: path, set_aside: target, reason }, 'a damaged file was set aside');
    return target;
  }
}

function removeReplacements(path: string): void {
  const folder = dirname(path);
  const start = basename(path).replace(/json$/, '');
  for (const name of readdirSync(folder)) if (name.startsWith(start) && isReplacement(name)) rmSync(join(folder, name), { force: true });
}

function repairMessage(outcome: Repair['outcome'], title: string, path: string, setAside: readonly string[]): string {
  const happened = {
    renewed: `The copy of the ${title} beside ${path} was damaged and was made anew. Nothing is missing.`,
    restored: `The ${title} in ${path} were damaged or missing and were restored from their copy. Nothing is missing but, at most, the very last change.`,
    lost: `The ${title} in ${path} and their copy cannot be used: everything begins with defaults. No backup was touched. Put an older version of the file back, or enter the ${title} again.`,
  };
  return setAside.length === 0 ? happened[outcome] : `${happened[outcome]} What was damaged is kept as ${setAside.join(' and ')}.`;
}

function newerFailure(kind: { readonly title: string; readonly version: number }, path: string, version: number): Failure {
  return new Failure('CONFIGURATION', {
    what: `The ${kind.title} in ${path} were written by a newer version of CyberBackup (format ${version}, this one knows ${kind.version})`,
    safe: 'They were left untouched',
    next: 'Install the newer version again, or give another home folder with --home',
  });
}

/** Errors of the system become failures; everything else stays. */
function systemFailure(error: unknown, title: string, path: string): unknown {
  const code = codeOf(error);
  if (error instanceof Failure || code === undefined) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new Failure('QUEUE_FULL', { what: `The disk is full: the ${title} in ${path} cannot be written`, safe: 'Nothing was changed', next: 'Free some space, then try again' }, { cause: error });
  }
  return new Failure('CONFIGURATION', { what: `The ${title} in ${path} cannot be read or written (${code})`, safe: 'Nothing was changed', next: 'Check the permissions of this file and of its folder' }, { cause: error });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
