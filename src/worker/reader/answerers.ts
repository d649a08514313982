/** What a reader answers, and with what. */
import { join } from 'node:path';
import type { Clock } from '../../core/platform/clock.ts';
import type { Logger } from '../../core/platform/logger.ts';
import { connectRepository } from '../../core/repository/connect-repository.ts';
import { snapshotJson } from '../../core/repository/snapshot-json.ts';
import type { Answerers, CatalogueProgress, ReaderTarget } from '../../shared/reader-protocol.ts';
import { Comparisons } from './comparison.ts';
import { CurrentRepository } from './current-repository.ts';
import { OpenedRepository } from './opened-repository.ts';
import { RepositoryCatalogue } from './repository-catalogue.ts';
import { Search } from './search.ts';
import { Statistics } from './statistics.ts';
import { Versions } from './versions.ts';

export interface AnswererPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onCatalogue: (progress: Omit<CatalogueProgress, 'type'>) => void;
}

export interface OpenAnswerers {
  readonly answerers: Answerers;
  /** When nothing is asked any more. */
  close(): Promise<void>;
}

export function createAnswerers(target: ReaderTarget, { clock, logger, onCatalogue }: AnswererPorts): OpenAnswerers {
  const { cacheFolder } = target;
  const current = new CurrentRepository(async () => new OpenedRepository(await connectRepository(target, 'open', { clock, logger, cacheDirectory: join(cacheFolder, 'repositories') }), clock), logger);
  const catalogue = new RepositoryCatalogue({ cacheFolder, clock, logger, current, onProgress: onCatalogue });
  const search = new Search(current, catalogue);
  const versions = new Versions();
  const comparisons = new Comparisons();
  const statistics = new Statistics();
  const ask = <Answer>(body: (opened: OpenedRepository) => Promise<Answer>, signal: AbortSignal): Promise<Answer> => current.use(body, signal);
  const answerers: Answerers = {
    list_snapshots: (_, signal) => ask(async (opened) => ({ snapshots: await shownSnapshots(opened, signal) }), signal),
    list_tree: (input, signal) => ask((opened) => opened.folders.list(input, signal), signal),
    preview_restore: (input, signal) => ask((opened) => opened.folders.previewRestore(input, signal), signal),
    browse_folder: (input, signal) => ask((opened) => opened.folders.page(input, signal), signal),
    preview_file: (input, signal) => ask((opened) => opened.folders.file(input, signal), signal),
    search_files: (input, signal) => search.run(input, signal),
    get_catalogue: (_, signal) => search.state(signal),
    rebuild_catalogue: (_, signal) => search.rebuild(signal),
    list_versions: (input, signal) => ask((opened) => versions.list(opened, input, signal), signal),
    compare_snapshots: (input, signal) => ask((opened) => comparisons.page(opened, input, signal), signal),
    get_statistics: (input, signal) => ask((opened) => statistics.overview(opened, input, signal), signal),
    list_type_sizes: (input, signal) => ask((opened) => statistics.types(opened, input, signal), signal),
    list_snapshot_sizes: (input, signal) => ask((opened) => statistics.snapshots(opened, input, signal), signal),
    list_folder_sizes: (input, signal) => ask((opened) => statistics.folder(opened, input, signal), signal),
    list_folder_growth: (input, signal) => ask((opened) => statistics.growth(opened, input, signal), signal),
  };
  return {
    answerers,
    async close() {
      await catalogue.close();
      await current.close();
    },
  };
}

/** Newest first, as stored, with `id` and `short_id`. Damaged ones are left out and logged; DAMAGED where nothing else is there. */
async function shownSnapshots(opened: OpenedRepository, signal: AbortSignal): Promise<{ readonly id: string; readonly short_id: string; readonly time: string; readonly hostname: string; readonly paths: string[] }[]> {
  const { snapshots, damaged } = await opened.snapshots(signal);
  const [first] = damaged;
  if (snapshots.length === 0 && first !== undefined) throw first.failure;
  return snapshots.toReversed().map((one) => ({ hostname: '', ...snapshotJson(one) }));
}
