/** Answers of readers, without a repository behind them. */
import type { OperationOutput } from '../../shared/contract/operations.ts';
import type { ReaderQuestion } from '../../shared/reader-protocol.ts';
import type { Readers } from '../operations/ports.ts';
import type { Faults } from './faults.ts';
import { epoch } from './faults.ts';

const moment = { snapshot_id: 'c'.repeat(64), time: epoch };
const entry = { name: 'letter.txt', path: '/letter.txt', type: 'file', size: 3 } as const;
const catalogue = { bytes: 4096, snapshots_indexed: 1, snapshots_total: 1, indexing: false, rebuilt: null, damaged: [] };
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
};

export interface FakeReaders extends Readers {
  /** Whether a caller left, by question. */
  readonly left: ReaderQuestion[];
}

/** A question with the path `/slow` is never answered. */
export function fakeReaders(faults: Faults): FakeReaders {
  const left: ReaderQuestion[] = [];
  return {
    left,
    async ask(question, input, signal) {
      if (faults.readers !== undefined) throw faults.readers;
      if ('path' in input && input.path === '/slow') {
        await new Promise((_, reject) => {
          signal?.addEventListener('abort', () => {
            left.push(question);
            reject(signal.reason as Error);
          });
        });
      }
      return answers[question];
    },
  };
}
