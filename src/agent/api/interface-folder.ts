/** Where the built interface lies: `dist/interface` of the program, from sources and from a bundle alike. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Undefined where none was built. */
export function builtInterface(from = dirname(fileURLToPath(import.meta.url))): string | undefined {
  const folder = join(from, 'dist', 'interface');
  if (existsSync(join(folder, 'index.html'))) return folder;
  const parent = dirname(from);
  // Nothing outside the program is looked at.
  return existsSync(join(from, 'package.json')) || parent === from ? undefined : builtInterface(parent);
}
