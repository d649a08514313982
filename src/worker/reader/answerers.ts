/** What a reader answers, and with what. */
import { join } from 'node:path';
import type { Clock } from '../../core/platform/clock.ts';
import type { Logger } from '../../core/platform/logger.ts';
import { connectRepository } from '../../core/repository/connect-repository.ts';
import { snapshotJson } from '../../core/repository/snapshot-json.ts';
import type { Answerers, CatalogueProgress, ReaderTarget } from '../../shared/reader-protocol.ts';
import { CurrentRepository } from './current-repository.ts';
import { OpenedRepository } from './opened-repository.ts';

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
  // What looking at snapshots and folders does not need is loaded with the first question that does.
  const searching = once(async () => {
    const [{ RepositoryCatalogue }, { Search }] = await Promise.all([import('./repository-catalogue.ts'), import('./search.ts')]);
    const catalogue = new RepositoryCatalogue({ cacheFolder, clock, logger, current, onProgress: onCatalogue });
    return { catalogue, search: new Search(current, catalogue) };
  });
  const versions = once(async () => new (await import('./versions.ts')).Versions());
  const comparisons = once(async () => new (await import('./comparison.ts')).Comparisons());
  const statistics = once(async () => new (await import('./statistics.ts')).Statistics());
  const ask = <Answer>(body: (opened: OpenedRepository) => Promise<Answer>, signal: AbortSignal): Promise<Answer> => current.use(body, signal);
  const answerers: Answerers = {
    list_snapshots: (_, signal) => ask(async (opened) => ({ snapshots: await shownSnapshots(opened, signal) }), signal),
    list_tree: (input, signal) => ask((opened) => opened.folders.list(input, signal), signal),
    preview_restore: (input, signal) => ask((opened) => opened.folders.previewRestore(input, signal), signal),
    browse_folder: (input, signal) => ask((opened) => opened.folders.page(input, signal), signal),
    preview_file: (input, signal) => ask((opened) => opened.folders.file(input, signal), signal),
    search_files: async (input, signal) => (await searching.get()).search.run(input, signal),
    get_catalogue: async (_, signal) => (await searching.get()).search.state(signal),
    rebuild_catalogue: async (_, signal) => (await searching.get()).search.rebuild(signal),
    list_versions: (input, signal) => ask(async (opened) => (await versions.get()).list(opened, input, signal), signal),
    compare_snapshots: (input, signal) => ask(async (opened) => (await comparisons.get()).page(opened, input, signal), signal),
    get_statistics: (input, signal) => ask(async (opened) => (await statistics.get()).overview(opened, input, signal), signal),
    list_type_sizes: (input, signal) => ask(async (opened) => (await statistics.get()).types(opened, input, signal), signal),
    list_snapshot_sizes: (input, signal) => ask(async (opened) => (await statistics.get()).snapshots(opened, input, signal), signal),
    list_folder_sizes: (input, signal) => ask(async (opened) => (await statistics.get()).folder(opened, input, signal), signal),
    list_folder_growth: (input, signal) => ask(async (opened) => (await statistics.get()).growth(opened, input, signal), signal),
  };
  return {
    answerers,
    async close() {
      await (await searching.made())?.catalogue.close();
      await current.close();
    },
  };
}

interface Once<Value> {
  get(): Promise<Value>;
  /** Undefined where nobody asked for it. */
  made(): Promise<Value | undefined>;
}

function once<Value>(make: () => Promise<Value>): Once<Value> {
  let made: Promise<Value> | undefined;
  return { get: () => (made ??= make()), made: async () => await made };
}

/** Newest first, as stored, with `id` and `short_id`. Damaged ones are left out and logged; DAMAGED where nothing else is there. */
async function shownSnapshots(opened: OpenedRepository, signal: AbortSignal): Promise<{ readonly id: string; readonly short_id: string; readonly time: string; readonly hostname: string; readonly paths: string[] }[]> {
  const { snapshots, damaged } = await opened.snapshots(signal);
  const [first] = damaged;
  if (snapshots.length === 0 && first !== undefined) throw first.failure;
  return snapshots.toReversed().map((one) => ({ hostname: '', ...snapshotJson(one) }));
}
