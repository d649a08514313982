/** A temporary folder for one test file, with a home for the programs in it; removed afterwards, whatever is in it. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { folderOnDisk } from './temporary-folder.ts';
import { testEnvironment } from './cli.ts';
import { removeDeepTree } from './deep-tree.ts';

export interface Workspace {
  readonly root: string;
  /** Environment of the programs: their home and caches lie in the workspace. */
  readonly env: Record<string, string>;
  /** Makes and names a new folder. */
  folder(name: string): string;
  remove(): void;
}

export function createWorkspace(name: string): Workspace {
  const root = folderOnDisk(name);
  let count = 0;
  return {
    root,
    env: testEnvironment(root),
    folder: (folderName) => {
      const folder = path.join(root, `${folderName}-${++count}`);
      mkdirSync(folder);
      return folder;
    },
    remove: () => removeDeepTree(root),
  };
}
