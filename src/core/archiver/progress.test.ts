import { describe, expect, it } from 'vitest';
import { FakeClock } from '../platform/fake-clock.ts';
import type { BackupProgress } from './options.ts';
import { ProgressReport, type Totals } from './progress.ts';
import { slowestStage, type StageCounters } from './stage-rates.ts';
import { Tally } from './tally.ts';

const none: StageCounters = { plain: 0, sealed: 0, stored: 0, filesRead: 0, bytesRead: 0, blobsFound: 0, readNs: 0, chunkNs: 0, hashNs: 0, compressNs: 0, encryptNs: 0, uploadWaitNs: 0, inputWaitNs: 0 };

interface Scene {
  readonly clock: FakeClock;
  readonly tally: Tally;
  readonly updates: BackupProgress[];
  readonly report: ProgressReport;
  counters: StageCounters;
  totals: Totals;
  finishing: boolean;
}

function scene(): Scene {
  const clock = new FakeClock();
  const tally = new Tally(undefined);
  const updates: BackupProgress[] = [];
  const state = { counters: none, totals: { files: 10, bytes: 1000, known: true }, finishing: false };
  const report = new ProgressReport({ clock, tally, counters: () => state.counters, threads: 2, isFinishing: () => state.finishing, totals: () => state.totals, currentFiles: () => [Buffer.from('/f')], onProgress: (progress) => updates.push(progress) });
  return Object.assign(state, { clock, tally, updates, report });
}

describe('progress', () => {
  it('comes ten times a second, and a last time at the end', async () => {
    const { clock, report, updates } = scene();
    const running = report.run();
    await clock.advance(1000);
    expect(updates).toHaveLength(10);
    report.end();
    await running;
    expect(updates).toHaveLength(11);
    await clock.advance(1000);
    expect(updates).toHaveLength(11);
  });

  it('tells what is done, how fast, and a range of what is left', async () => {
    const at = scene();
    const running = at.report.run();
    at.counters = { ...none, bytesRead: 100, readNs: 5 };
    at.tally.reusedBytes = 100;
    at.tally.files.new = 2;
    await at.clock.advance(2000);
    at.counters = { ...none, bytesRead: 300, readNs: 6, uploadWaitNs: 500 };
    await at.clock.advance(2000);
    at.report.end();
    await running;
    const last = at.updates.at(-1);
    expect(last).toMatchObject({ percent_done: 0.4, total_files: 10, total_bytes: 1000, files_done: 2, bytes_done: 400, bytes_per_second: 100, seconds_elapsed: 4, bottleneck: 'upload' });
    expect(last?.seconds_remaining).toBeCloseTo(6);
    for (const { seconds_remaining: left, seconds_remaining_low: low, seconds_remaining_high: high } of at.updates) {
      if (left !== undefined) expect(low! <= left && left <= high!).toBe(true);
    }
  });

  it('tells what each stage did in the last ten seconds, as a share of all threads', async () => {
    const at = scene();
    at.totals = { files: 10, bytes: 4000, known: false };
    const running = at.report.run();
    at.counters = { ...none, bytesRead: 8000, readNs: 1e9, chunkNs: 1e9, hashNs: 2e9, compressNs: 8e9, encryptNs: 4e9, uploadWaitNs: 2e9, inputWaitNs: 2e9, plain: 6000, sealed: 3000, stored: 2000 };
    await at.clock.advance(10_000);
    expect(at.updates.at(-1)).toMatchObject({
      phase: 'scan',
      stages: {
        scan: { bytes_per_second: 400, busy: 0.1 },
        read: { bytes_per_second: 800, busy: 0.05 },
        chunk: { bytes_per_second: 800, busy: 0.15 },
        compress: { bytes_per_second: 600, busy: 0.4 },
        encrypt: { bytes_per_second: 300, busy: 0.2 },
        upload: { bytes_per_second: 200, busy: 0.1 },
      },
    });
    at.totals = { ...at.totals, known: true };
    await at.clock.advance(10_100);
    expect(at.updates.at(-1)).toMatchObject({ phase: 'transfer', stages: { read: { bytes_per_second: 0, busy: 0 } } });
    at.finishing = true;
    at.report.end();
    await running;
    expect(at.updates.at(-1)?.phase).toBe('finish');
  });

  it('claims nothing while the totals are unknown', async () => {
    const at = scene();
    at.totals = { files: 3, bytes: 100, known: false };
    at.counters = { ...none, bytesRead: 50 };
    const running = at.report.run();
    await at.clock.advance(1500);
    at.report.end();
    await running;
    expect(at.updates.at(-1)).toMatchObject({ percent_done: 0, totals_known: false, bytes_done: 50 });
    expect(at.updates.at(-1)?.seconds_remaining).toBeUndefined();
  });

  it.each([
    ['scan', { inputWaitNs: 9 }],
    ['read', { readNs: 9, chunkNs: 4, hashNs: 4 }],
    ['chunk', { readNs: 7, chunkNs: 4, hashNs: 4 }],
    ['compress', { compressNs: 9 }],
    ['encrypt', { encryptNs: 9 }],
    ['upload', { uploadWaitNs: 9, readNs: 8 }],
    [undefined, {}],
  ] as const)('names %s as the slow stage', (stage, counters) => {
    expect(slowestStage(none, { ...none, ...counters })).toBe(stage);
  });
});
