/** Handlers: looking back into repositories, which readers do. */
import type { historyOperations } from '../../shared/contract/operations/history.ts';
import type { ReaderQuestion } from '../../shared/reader-protocol.ts';
import type { Handler, Services, SomeHandlers } from './services.ts';

export function historyHandlers(services: Services): SomeHandlers<typeof historyOperations> {
  const ask = <Name extends ReaderQuestion>(question: Name): Handler<Name> => askReader(services, question);
  return {
    search_files: ask('search_files'),
    get_catalogue: ask('get_catalogue'),
    rebuild_catalogue: ask('rebuild_catalogue'),
    browse_folder: ask('browse_folder'),
    preview_file: ask('preview_file'),
    list_versions: ask('list_versions'),
    compare_snapshots: ask('compare_snapshots'),
    get_statistics: ask('get_statistics'),
    list_type_sizes: ask('list_type_sizes'),
    list_snapshot_sizes: ask('list_snapshot_sizes'),
    list_folder_sizes: ask('list_folder_sizes'),
    list_folder_growth: ask('list_folder_growth'),
  };
}

/** A caller who leaves takes his question along. */
export function askReader<Name extends ReaderQuestion>({ repositories, readers }: Pick<Services, 'repositories' | 'readers'>, question: Name): Handler<Name> {
  return async (input, { signal }) => {
    repositories.get(input.repository_id);
    return await readers.ask(question, input, signal);
  };
}
