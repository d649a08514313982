/** Where the worker's entry lies: beside the bundle in `dist`, or in the source tree, which Node reads as it is. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** From this file: its own folder in the source tree, `dist` or `dist/chunks` in the bundle. */
const candidates = ['../../worker/main.ts', 'worker.js', '../worker.js'];

export function workerEntry(): string {
  const folder = path.dirname(fileURLToPath(import.meta.url));
  const found = candidates.map((candidate) => path.join(folder, candidate)).find((file) => existsSync(file));
  if (found === undefined) throw new Error(`the worker program is not beside ${folder}: run "npm run build"`);
  return found;
}
