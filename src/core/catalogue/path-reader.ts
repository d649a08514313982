/** Paths of a catalogue as text, with what patterns say of them. */
import type Database from 'better-sqlite3';
import { rootPath } from './catalogue-schema.ts';
import type { PathPatterns, PathState } from './path-patterns.ts';

export interface KnownPath {
  /** Absolute, byte string; empty for the root. */
  readonly path: string;
  readonly parent: number;
  readonly state: PathState;
}

const foldersKept = 20_000;
/** Deeper than any system allows: such a path goes round in a circle. */
const deepest = 100_000;

export class PathReader {
  readonly #patterns: PathPatterns;
  readonly #read;
  /** Those that were above a path asked for. */
  readonly #folders = new Map<number, KnownPath>();

  constructor({ database }: { readonly database: Database.Database }, patterns: PathPatterns) {
    this.#patterns = patterns;
    this.#read = database.prepare<[number], { parent: number; name: Buffer }>('SELECT p.parent, n.name FROM paths p JOIN names n ON n.name_id = p.name_id WHERE p.path_id = ?');
  }

  /** Undefined for a path that the catalogue does not have whole. */
  read(pathId: number): KnownPath | undefined {
    const steps: { readonly pathId: number; readonly name: string; readonly parent: number }[] = [];
    let known: KnownPath | undefined;
    for (let at = pathId; known === undefined; ) {
      if (at === rootPath) known = { path: '', parent: rootPath, state: this.#patterns.root };
      else known = this.#folders.get(at);
      if (known !== undefined) break;
      const step = this.#read.get(at);
      if (step === undefined || steps.length === deepest) return undefined;
      steps.push({ pathId: at, name: step.name.toString('latin1'), parent: step.parent });
      at = step.parent;
    }
    for (const { pathId: at, name, parent } of steps.reverse()) {
      known = { path: `${known.path}/${name}`, parent, state: this.#patterns.step(known.state, name) };
      if (at === pathId) return known;
      if (this.#folders.size >= foldersKept) this.#folders.clear();
      this.#folders.set(at, known);
    }
    return known;
  }
}
