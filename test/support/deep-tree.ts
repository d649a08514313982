/** A folder that is deeper than any path may be long: 2,000 levels, with files on some of them. */
import { spawnSync } from 'node:child_process';

/** Runs in a child process, since it moves its working folder down: a path from the root would be refused. */
const script = `
const fs = require('node:fs');
for (let level = 1; level <= Number(process.argv[1]); level++) {
  fs.mkdirSync('level');
  process.chdir('level');
  if (level % 100 === 0) {
    fs.writeFileSync('file', 'on level ' + level);
    fs.symlinkSync('file', 'link');
    fs.linkSync('file', 'hard link');
  }
}`;

/** Builds the levels in `root`, an existing folder. */
export function buildDeepTree(root: string, levels: number): void {
  const result = spawnSync(process.execPath, ['-e', script, String(levels)], { cwd: root });
  if (result.status !== 0) throw new Error(`the deep folder could not be made: ${result.stderr.toString()}`);
}

/** Removes a folder of any depth, whatever its modes. */
export function removeDeepTree(root: string): void {
  spawnSync('chmod', ['-R', 'u+rwx', root]);
  const result = spawnSync('rm', ['-rf', root]);
  if (result.status !== 0) throw new Error(`the deep folder could not be removed: ${result.stderr.toString()}`);
}
