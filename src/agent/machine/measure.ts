/**
 * Counts the files and bytes of chosen paths, as a backup would walk them.
 *
 * Vocabulary: a *problem* is what a person should know before starting: something missing, unreadable or special (a device,
 * a socket), a destination that lies in the path or around it, a path that lies in another one.
 *
 * Invariants: no file is opened; a few folders are looked at at once; whatever cannot be read is counted as a problem and
 * never ends the count; links are not followed.
 */
import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { byteString, componentsOf, joinBytes, thisPlatform } from '../../core/archiver/byte-path.ts';
import type { Excludes } from '../../core/archiver/excludes.ts';
import { loadExcludes } from '../../core/archiver/excludes.ts';
import { expandExcludes } from '../../core/archiver/expand-excludes.ts';
import { errorMessage, errorOf } from '../../core/archiver/messages.ts';
import { typeOfEntry } from '../../core/archiver/nodes.ts';
import type { Addon, DirectoryEntry } from '../../core/native/addon.ts';
import type { MeasuredPath, MeasureProblem } from '../../shared/contract/schemas/machine.ts';
import type { Excludes as ChosenExcludes } from '../../shared/contract/schemas/plan.ts';
import { isWithin } from './list-folder.ts';
import { systemCode } from './system-code.ts';

const foldersAtOnce = 4;
const shownProblems = 20;

export interface MeasureQuestion {
  /** Absolute. */
  readonly paths: readonly string[];
  readonly excludes: ChosenExcludes;
  /** Folder of the repository that the copies go into; undefined where that is elsewhere. */
  readonly destination: string | undefined;
}

export interface MeasurePorts {
  readonly addon: Pick<Addon, 'scanDirectory' | 'statPath'>;
  readonly env: NodeJS.ProcessEnv;
}

interface Place {
  readonly path: Buffer;
  readonly device: bigint;
}

interface Rules {
  readonly excludes: Excludes;
  readonly oneFileSystem: boolean;
}

type Counted = { -readonly [Field in keyof MeasuredPath]: MeasuredPath[Field] };

export class MeasureRun {
  readonly #question: MeasureQuestion;
  readonly #ports: MeasurePorts;
  readonly #isOver: () => boolean;
  readonly #paths: Counted[];
  /** Paths that lie in another chosen one: in no sum. */
  readonly #repeated = new Set<Counted>();

  /** `isOver`: asked between folders; true ends the count. */
  constructor(question: MeasureQuestion, ports: MeasurePorts, isOver: () => boolean) {
    this.#question = question;
    this.#ports = ports;
    this.#isOver = isOver;
    this.#paths = question.paths.map((path) => ({ path, state: 'waiting', type: 'unknown', files: 0, bytes: 0, problems: [], problem_count: 0 }));
  }

  get paths(): readonly MeasuredPath[] {
    return this.#paths;
  }

  get sums(): { readonly files: number; readonly bytes: number } {
    const counted = this.#paths.filter((path) => !this.#repeated.has(path));
    return { files: counted.reduce((sum, { files }) => sum + files, 0), bytes: counted.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  /** Resolves when all is counted, or it is over. */
  async run(): Promise<void> {
    const { excludes: options, oneFileSystem } = expandExcludes(this.#question.excludes);
    const rules: Rules = { excludes: await loadExcludes(options, this.#ports.env, thisPlatform), oneFileSystem };
    this.#noteRepeated();
    for (const path of this.#paths) {
      if (this.#isOver()) return;
      path.state = 'counting';
      await this.#noteDestination(path);
      path.state = (await this.#countPath(path, rules)) ? 'counted' : 'refused';
    }
  }

  #noteRepeated(): void {
    for (const [at, path] of this.#paths.entries()) {
      const around = this.#paths.find((other, otherAt) => otherAt !== at && isWithin(resolve(path.path), resolve(other.path)) && (otherAt < at || resolve(path.path) !== resolve(other.path)));
      if (around === undefined) continue;
      this.#repeated.add(path);
      note(path, { kind: 'repeated', path: around.path, message: 'it is part of another chosen folder' });
    }
  }

  async #noteDestination(path: Counted): Promise<void> {
    const { destination } = this.#question;
    if (destination === undefined) return;
    const [source, target] = [await resolved(path.path), await resolved(destination)];
    if (isWithin(source, target)) note(path, { kind: 'inside_destination', path: destination, message: 'it is part of the place that the copies go to' });
    else if (isWithin(target, source)) note(path, { kind: 'holds_destination', path: destination, message: 'the place that the copies go to lies in it' });
  }

  /** False where nothing of it can be saved. */
  async #countPath(path: Counted, rules: Rules): Promise<boolean> {
    let entry: DirectoryEntry;
    const bytes = Buffer.from(resolve(path.path));
    try {
      entry = await this.#ports.addon.statPath(bytes, { xattrs: false });
    } catch (error) {
      const { code, message } = errorOf(error);
      const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
      if (isMissing) path.type = 'missing';
      note(path, { kind: isMissing ? 'missing' : 'unreadable', path: path.path, message: isMissing ? 'it does not exist' : errorMessage(code, message) });
      return false;
    }
    path.type = pathType(entry);
    if (path.type === 'special') note(path, { kind: 'special', path: path.path, message: 'it is a device, a pipe or a socket: it has no content to save' });
    if (path.type === 'file') add(path, entry);
    if (path.type === 'folder') await this.#countFolder(path, { path: bytes, device: entry.device }, rules);
    return true;
  }

  async #countFolder(counted: Counted, first: Place, rules: Rules): Promise<void> {
    const stack = [first];
    while (stack.length > 0 && !this.#isOver()) {
      const places = stack.splice(-foldersAtOnce);
      const found = await Promise.all(places.map((place) => this.#lookInto(counted, place, rules)));
      stack.push(...found.flat());
    }
  }

  /** Counts the entries of one folder; resolves with the folders in it. */
  async #lookInto(counted: Counted, { path, device }: Place, { excludes, oneFileSystem }: Rules): Promise<Place[]> {
    let entries: readonly DirectoryEntry[];
    try {
      entries = await this.#ports.addon.scanDirectory(path, { xattrs: false });
    } catch (error) {
      const { code, message } = errorOf(error);
      note(counted, { kind: 'unreadable', path: path.toString('utf8'), message: errorMessage(code, message) });
      return [];
    }
    const components = excludes.judgesNames ? componentsOf(byteString(path)) : [];
    const kept = excludes.tagFiles.length === 0 ? undefined : await excludes.keptInTaggedFolder(path, new Set(entries.map(({ name }) => byteString(name))));
    const folders: Place[] = [];
    for (const entry of entries) {
      const name = byteString(entry.name);
      if ((excludes.judgesNames && excludes.excludesName([...components, name])) || kept?.has(name) === false) continue;
      const own = joinBytes(path, entry.name);
      if (entry.failure?.during === 'stat') {
        note(counted, { kind: 'unreadable', path: own.toString('utf8'), message: errorMessage(entry.failure.code, entry.failure.message) });
        continue;
      }
      const type = typeOfEntry(entry);
      const foreign = oneFileSystem && entry.device !== device;
      if (type === 'dir' && !foreign) folders.push({ path: own, device });
      if (type === 'file' && !foreign && !excludes.excludesSize(entry.size)) add(counted, entry);
    }
    return folders;
  }
}

function add(path: Counted, { size }: DirectoryEntry): void {
  path.files += 1;
  path.bytes += Number(size);
}

function note(path: Counted, problem: MeasureProblem): void {
  path.problem_count += 1;
  if (path.problems.length < shownProblems) path.problems = [...path.problems, problem];
}

function pathType(entry: DirectoryEntry): MeasuredPath['type'] {
  switch (typeOfEntry(entry)) {
    case 'dir':
      return 'folder';
    case 'file':
      return 'file';
    case 'symlink':
      return 'link';
    default:
      return 'special';
  }
}

/** Where it really is; as given where it does not exist. */
async function resolved(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    systemCode(error);
    return resolve(path);
  }
}
