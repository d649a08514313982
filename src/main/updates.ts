/**
 * Updates of the program, from the release feed that its package was built with.
 *
 * Invariants: without a feed nothing is loaded and nobody is contacted; a feed is an https address; a package whose signature
 * or digest does not match is not installed (electron-updater's own check); nothing is installed while jobs run: an update
 * that was fetched waits until the program quits.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Clock } from '../core/platform/clock.ts';
import type { Logger } from '../core/platform/logger.ts';

/** What is used of electron-updater. */
export interface Updater {
  autoDownload: boolean;
  autoInstallOnAppQuit: boolean;
  allowDowngrade: boolean;
  logger: unknown;
  setFeedURL(options: { readonly provider: 'generic'; readonly url: string }): void;
  on(event: 'update-downloaded', listener: (update: { readonly version: string }) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  checkForUpdates(): Promise<unknown>;
}

export interface UpdatePorts {
  /** As the package says it; undefined: none is configured. */
  readonly feed: string | undefined;
  readonly load: () => Promise<Updater>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A new version lies ready. */
  readonly onReady: (version: string) => void;
}

const firstLookMs = 60_000;
const betweenLooksMs = 24 * 60 * 60 * 1000;

/** Looks for updates until `signal` says so. */
export async function watchUpdates({ feed, load, clock, logger, onReady }: UpdatePorts, signal: AbortSignal): Promise<void> {
  if (feed === undefined) return;
  if (!URL.canParse(feed) || new URL(feed).protocol !== 'https:') {
    logger.error({ component: 'updates' }, 'the release feed is no https address; there are no updates');
    return;
  }
  const updater = await load().catch((error: unknown) => {
    logger.error({ component: 'updates', reason: String(error) }, 'the updater cannot be loaded; there are no updates');
    return undefined;
  });
  if (updater === undefined) return;
  updater.autoDownload = true;
  updater.autoInstallOnAppQuit = true;
  updater.allowDowngrade = false;
  updater.logger = null;
  updater.setFeedURL({ provider: 'generic', url: feed });
  updater.on('update-downloaded', ({ version }) => {
    logger.info({ component: 'updates', version }, 'an update is ready');
    onReady(version);
  });
  // What a look threw is told of here as well, and once is enough.
  updater.on('error', (error) => logger.warn({ component: 'updates', reason: error.message }, 'updates could not be looked for'));
  try {
    for (let wait = firstLookMs; ; wait = betweenLooksMs) {
      await clock.sleep(wait, signal);
      await updater.checkForUpdates().catch(() => undefined);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

const packaged = z.object({ cyberbackup: z.object({ releaseFeed: z.string().optional() }).optional() });

/** The feed in the package's own package.json, where electron-builder wrote it (`extraMetadata.cyberbackup.releaseFeed`). */
export function releaseFeedOf(packageFile: string): string | undefined {
  return packaged.parse(JSON.parse(readFileSync(packageFile, 'utf8'))).cyberbackup?.releaseFeed;
}
