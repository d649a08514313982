/** Moves a file that is no intact queue out of the way, with its log. Nothing is ever deleted. */
import { existsSync, renameSync } from 'node:fs';

/** SQLite's write-ahead log and its index, and the log of other modes: they belong to a database file by name. */
const companions = ['-wal', '-shm', '-journal'];

export function companionsOf(file: string): string[] {
  return companions.map((suffix) => file + suffix).filter((path) => existsSync(path));
}

/** Renames file and companions so that they still belong together; returns their new paths. `now`: milliseconds since the epoch. */
export function setAside(file: string, now: number): string[] {
  const base = `${file}.damaged-${new Date(now).toISOString().replaceAll(':', '-')}`;
  const taken = (name: string): boolean => ['', ...companions].some((suffix) => existsSync(name + suffix));
  let name = base;
  for (let number = 2; taken(name); number++) name = `${base}-${number}`;
  const moved: string[] = [];
  // The database first: after a kill in between the log alone is recognised, a database without its log is not.
  for (const suffix of ['', ...companions]) {
    if (!existsSync(file + suffix)) continue;
    renameSync(file + suffix, name + suffix);
    moved.push(name + suffix);
  }
  return moved;
}
