/** Where the worker's entry lies: in the source tree, which Node reads as it is, or in the bundle's folder `dist`. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The bundle puts this file into `dist`, `dist/chunks` or, for the desktop, `dist/main` and its chunks. Nothing outside the program is looked at. */
function candidatesFrom(file: string): string[] {
  const folder = path.dirname(file);
  if (file.endsWith('.ts')) return [path.join(folder, '../../worker/main.ts')];
  const within = folder.split(path.sep).lastIndexOf('dist');
  const root = folder.split(path.sep).slice(0, within + 1).join(path.sep);
  return [path.join(folder, 'worker.js'), ...(within >= 0 && root !== folder ? [path.join(root, 'worker.js')] : [])];
}

export function workerEntry(from = fileURLToPath(import.meta.url)): string {
  const candidates = candidatesFrom(from);
  const found = candidates.find((file) => existsSync(file));
  if (found === undefined) throw new Error(`the worker program is missing (${candidates.join(', ')}): run "npm run build"`);
  return found;
}
