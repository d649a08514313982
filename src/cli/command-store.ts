/** Opens the store of a command: limits from the options, and a line for each time that storage is tried again. */
import type { Addon } from '../core/native/addon.ts';
import { openStore } from '../core/storage/open-store.ts';
import type { ObjectStore } from '../core/storage/object-store.ts';
import type { CliContext } from './context.ts';

export function openCommandStore(context: CliContext, url: string, addon: Addon): ObjectStore {
  const { limitUpload, limitDownload } = context.options;
  return openStore(url, {
    addon,
    clock: context.clock,
    logger: context.logger,
    env: context.env,
    ...(limitUpload === undefined ? {} : { limitUpload }),
    ...(limitDownload === undefined ? {} : { limitDownload }),
  });
}
