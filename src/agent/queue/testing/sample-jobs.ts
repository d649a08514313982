/** Jobs for tests. */
import type { WorkerProgress } from '../../../shared/worker-protocol.ts';
import type { NewJob } from '../job-record.ts';

export const sampleJob: NewJob = {
  payload: { kind: 'backup', paths: ['/home/ann'], excludes: { presets: [], patterns: [], ignore_case_patterns: [], one_file_system: false }, tags: [] },
  repositoryId: 'home',
  planId: null,
  priority: 0,
  maxAttempts: 3,
  traceId: '0123456789abcdef0123456789abcdef',
};

export const sampleProgress: WorkerProgress = {
  phase: 'TRANSFERRING',
  file: '/home/ann/letter.txt',
  percent: 25,
  message: 'Sending',
  bytesDone: 250,
  bytesTotal: 1000,
  filesDone: 1,
  filesTotal: 4,
  bytesPerSecond: 100,
  etaSeconds: 8,
  etaRange: { low: 6, high: 10 },
  bottleneck: 'upload',
  stages: { upload: { bytes_per_second: 100, busy: 0.5 } },
  errorCount: 0,
};
