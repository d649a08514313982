/** The addon with another scan of folders, in which no file is plain: each of them goes the general way. */
import type { Addon } from '../../native/addon.ts';

export function withScan(addon: Addon, scanDirectory: Addon['scanDirectory'] = (...args) => addon.scanDirectory(...args)): Addon {
  return { ...addon, scanDirectory, scanFolder: async (path) => ({ entries: await scanDirectory(path, { xattrs: true }) }) };
}
