/** How this program starts itself again as another process: the same Node, and the same code as runs here. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export interface ProgramEntry {
  readonly command: string;
  /** Before the arguments of the command line. */
  readonly args: readonly string[];
}

export function programEntry(): ProgramEntry {
  const here = fileURLToPath(import.meta.url);
  const root = projectRoot(path.dirname(here));
  // Built code starts built code, sources start sources: the two may be of different days.
  const main = here.endsWith('.ts') ? path.join(root, 'src', 'cli', 'main.ts') : path.join(root, 'dist', 'cli.js');
  return { command: process.execPath, args: [main] };
}

function projectRoot(folder: string): string {
  if (existsSync(path.join(folder, 'package.json'))) return folder;
  const parent = path.dirname(folder);
  if (parent === folder) throw new TypeError('The folder of the program was not found');
  return projectRoot(parent);
}
