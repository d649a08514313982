/** A task for tests of what carries it. */
import type { WorkerTask } from '../../../shared/worker-protocol.ts';

export const sampleTask: WorkerTask = {
  jobId: 'job',
  attempt: 1,
  payload: { kind: 'check', read_data_percent: 0 },
  repository: { repositoryId: 'r', url: '/r', password: 'planted' },
  uploadLimit: 0,
  downloadLimit: 0,
  traceparent: '',
  programVersion: '1',
  memoryFolder: '/nowhere',
};
