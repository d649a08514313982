import { expect, it } from 'vitest';
import { destinationHealth } from '../../shared/contract/schemas/connection-health.ts';
import type { DestinationHealth } from '../../shared/contract/schemas/connection-health.ts';
import { DestinationBoard } from './destination-board.ts';

const seen = (more: Partial<DestinationHealth>): DestinationHealth =>
  destinationHealth.parse({
    repository_id: 'r1',
    location: 'rest:http://host/',
    operations: 1,
    active: 1,
    failures: 0,
    retries: 0,
    bytes_in: 0,
    bytes_out: 100,
    bytes_per_second: 10,
    latency_ms: 5,
    last_success_at: null,
    last_error: null,
    ...more,
  });

it('sums the workers of a repository, those that ended too', () => {
  const board = new DestinationBoard();
  board.update('w1', seen({ operations: 1 }));
  board.update('w1', seen({ operations: 4, bytes_out: 400, last_success_at: '2024-01-01T00:00:02.000Z', last_error: { at: '2024-01-01T00:00:01.000Z', kind: 'temporary', message: 'busy' } }));
  board.update('w2', seen({ operations: 2, retries: 3, latency_ms: null, last_success_at: '2024-01-01T00:00:01.000Z' }));
  board.update('w3', seen({ repository_id: 'r2' }));
  expect(board.list()).toHaveLength(2);
  expect(board.list()[0]).toMatchObject({ operations: 6, active: 2, retries: 3, bytes_out: 500, bytes_per_second: 20, latency_ms: 5, last_success_at: '2024-01-01T00:00:02.000Z', last_error: { kind: 'temporary' } });
  board.ended('w1');
  board.ended('w1');
  board.ended('w2');
  expect(board.list()[0]).toMatchObject({ operations: 6, active: 0, bytes_per_second: 0, bytes_out: 500 });
  board.update('w4', seen({ operations: 1, last_error: { at: '2024-01-01T00:00:09.000Z', kind: 'unreachable', message: 'refused' } }));
  expect(board.list()[0]).toMatchObject({ operations: 7, active: 1, last_error: { kind: 'unreachable' } });
  board.forget('r1');
  expect(board.list().map(({ repository_id }) => repository_id)).toEqual(['r2']);
});
