/** Answers of readers, without a repository behind them. */
import type { OperationOutput } from '../../shared/contract/operations.ts';
import type { ReaderQuestion } from '../../shared/reader-protocol.ts';
import type { Readers } from '../operations/ports.ts';
import type { Faults } from './faults.ts';
import { epoch } from './faults.ts';

const moment = { snapshot_id: 'c'.repeat(64), time: epoch };
const entry = { name: 'letter.txt', path: '/letter.txt', type: 'file', size: 3 } as const;
const catalogue = { bytes: 4096, snapshots_indexed: 1, snapshots_total: 1, indexing: false, rebuilt: null, damaged: [] };
const none = { files: 0, bytes: 0 };
const nothing = { ...none, dirs: 0, others: 0, data_blobs: 0, tree_blobs: 0 };
const state = { type: 'file', size: 3, modified_at: epoch } as const;

const answers: { readonly [Name in ReaderQuestion]: OperationOutput<Name> } = {
  list_snapshots: { snapshots: [{ id: moment.snapshot_id, short_id: 'cccccccc', time: epoch, hostname: 'laptop', paths: ['/home'] }] },
  list_tree: { path: '/', total: 1, entries: [entry] },
  preview_restore: { files: 1, folders: 0, bytes: 4, same: 0, older_there: 0, newer_there: 0, complete: true },
  search_files: { rows: [{ path: '/letter.txt', name: 'letter.txt', ...state, versions: 2, first: moment, last: moment }], cursor: null, complete: false, indexing: { snapshots_done: 1, snapshots_total: 2 }, damaged: [{ path: '/lost', reason: 'missing' }] },
  get_catalogue: catalogue,
  rebuild_catalogue: { ...catalogue, indexing: true },
  browse_folder: { path: '/', total: 1, entries: [entry], cursor: null, damaged: [] },
  preview_file: { path: '/letter.txt', size: 3, modified_at: epoch, offset: 0, length: 3, mime_type: 'text/plain', kind: 'text', encoding: 'utf-8', text: 'abc', base64: null },
  list_versions: { path: '/letter.txt', total: 1, versions: [{ ...state, mode: 420, content_id: 'a'.repeat(64), snapshots: 1, first: moment, last: moment }], snapshots_without: 0, cursor: null, damaged: [] },
  compare_snapshots: {
    before: moment, after: moment, path: '/', total: 1, cursor: null, damaged: [],
    entries: [{ name: 'home', path: '/home', type: 'dir', mark: 'U', before_size: null, after_size: null, below: { added: none, removed: none, changed: { files: 1, bytes: 3 } } }],
    totals: { added: nothing, removed: nothing, changed_files: 1, renamed: none },
  },
  get_statistics: {
    snapshots_count: 1, total_size: 3, total_file_count: 1, total_directory_count: 1, total_raw_size: 3, total_uncompressed_size: 3, total_blob_count: 2, data_blob_count: 1, tree_blob_count: 1,
    compression_ratio: 1, compression_space_saving: 0, deduplication_ratio: 1, repository_pack_count: 2, repository_blob_count: 2, damaged: [],
  },
  list_type_sizes: { types: [{ kind: 'text', files: 1, size: 3, stored: 3, extensions: [{ extension: 'txt', files: 1, size: 3 }] }], damaged: [] },
  list_snapshot_sizes: { total: 1, snapshots: [{ ...moment, files: 1, size: 3, alone_blobs: 1, alone_stored: 3 }], cursor: null, damaged: [] },
  list_folder_sizes: { path: '/', total: 1, entries: [{ name: 'home', is_folder: true, files: 1, size: 3, stored: 3 }], cursor: null, damaged: [] },
  list_folder_growth: { path: '/', total: 1, steps: [{ ...moment, files: 1, size: 3, added_stored: 3, entries: [] }], cursor: null, damaged: [] },
};

export interface FakeReaders extends Readers {
  /** Resolves when a question with the path `/slow` came, which is never answered. */
  readonly asked: Promise<ReaderQuestion>;
  /** Resolves with what it was when its caller left. */
  readonly left: Promise<ReaderQuestion>;
}

export function fakeReaders(faults: Faults): FakeReaders {
  const asked = Promise.withResolvers<ReaderQuestion>();
  const left = Promise.withResolvers<ReaderQuestion>();
  return {
    asked: asked.promise,
    left: left.promise,
    async ask(question, input, signal) {
      if (faults.readers !== undefined) throw faults.readers;
      if ('path' in input && input.path === '/slow') {
        asked.resolve(question);
        await new Promise((_, reject) => {
          signal?.addEventListener('abort', () => {
            left.resolve(question);
            reject(signal.reason as Error);
          });
        });
      }
      return answers[question];
    },
  };
}
