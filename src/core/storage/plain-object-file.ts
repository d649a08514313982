/** `createObjectFile` and `removeObjectFile` of the addon's contract on plain `node:fs`. */
import { createHash } from 'node:crypto';
import { link, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ObjectFile } from '../native/addon.ts';
import type { ObjectFiles } from './local-store.ts';

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

export const plainObjectFiles: ObjectFiles = {
  async createObjectFile(temporaryPath, mode): Promise<ObjectFile> {
    const file = await open(temporaryPath, 'wx', mode);
    const hash = createHash('sha256');
    let open_ = true;
    return {
      async append(pieces) {
        for (const piece of pieces) {
          hash.update(piece);
          await file.writeFile(piece);
        }
      },
      digest: () => hash.copy().digest(),
      async commit(path, options) {
        await file.chmod(options.mode);
        await file.sync();
        await file.close();
        if (options.exclusive) {
          await link(temporaryPath, path);
          await unlink(temporaryPath);
        } else {
          await rename(temporaryPath, path);
        }
        open_ = false;
        await syncFolder(dirname(path));
      },
      async abort() {
        if (!open_) return;
        open_ = false;
        await file.close();
        await unlink(temporaryPath);
      },
    };
  },
  async removeObjectFile(path) {
    try {
      await unlink(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    await syncFolder(dirname(path));
  },
};
