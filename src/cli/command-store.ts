/** Opens the store of a command: limits from the options, and a line for each time that storage is tried again. */
import type { Addon } from '../core/native/addon.ts';
import { openStore } from '../core/storage/open-store.ts';
import type { ObjectStore } from '../core/storage/object-store.ts';
import type { RetryEvent } from '../core/storage/retry.ts';
import type { CliContext } from './context.ts';
import { thisHost } from './identity.ts';
import { visibleText } from './output/visible-text.ts';

export function openCommandStore(context: CliContext, url: string, addon: Addon): ObjectStore {
  const { limitUpload, limitDownload } = context.options;
  return openStore(url, {
    addon,
    clock: context.clock,
    logger: context.logger,
    env: context.env,
    clientId: thisHost(),
    onRetry: retryReporter(context),
    ...(limitUpload === undefined ? {} : { limitUpload }),
    ...(limitDownload === undefined ? {} : { limitDownload }),
  });
}

/** At most one line a second: many requests run at once, and all of them notice a line that is down. */
function retryReporter({ terminal, clock, options }: CliContext): (event: RetryEvent) => void {
  let saidAt = Number.NEGATIVE_INFINITY;
  return ({ message, delay }) => {
    const now = clock.monotonic();
    if (options.quiet || now - saidAt < 1000) return;
    saidAt = now;
    const bare = visibleText(message).replace(/[.\s]+$/, '');
    terminal.message(terminal.errorStyle.yellow(`${bare}; trying again in ${Math.max(1, Math.round(delay / 1000))} s`));
  };
}
