import { expect, it } from 'vitest';
import { FakeClock } from '../core/platform/fake-clock.ts';
import type { WorkerProgress } from '../shared/worker-protocol.ts';
import { ProgressSender } from './progress-sender.ts';

function scene(): { clock: FakeClock; sender: ProgressSender; sent: [number, number][]; tell: (bytes: number) => void } {
  const clock = new FakeClock();
  const sent: [number, number][] = [];
  const sender = new ProgressSender(clock, ({ bytesDone }) => sent.push([clock.monotonic(), bytesDone]));
  const progress: WorkerProgress = { phase: 'TRANSFERRING', file: null, percent: 0, message: '', bytesDone: 0, bytesTotal: 0, filesDone: 0, filesTotal: 0, bytesPerSecond: 0, etaSeconds: null, etaRange: null, bottleneck: null, stages: {}, errorCount: 0 };
  return { clock, sender, sent, tell: (bytesDone) => sender.tell({ ...progress, bytesDone }) };
}

it('sends at most ten a second, and never keeps the newest one back', async () => {
  const { clock, sent, tell } = scene();
  for (let i = 1; i <= 100; i++) {
    tell(i);
    await clock.advance(10);
  }
  expect(sent.length).toBeLessThanOrEqual(11);
  expect(sent.length).toBeGreaterThanOrEqual(10);
  for (const [i, [at]] of sent.entries()) if (i > 0) expect(at - (sent[i - 1]?.[0] ?? 0)).toBeGreaterThanOrEqual(100);
  await clock.advance(100);
  expect(sent.at(-1)?.[1]).toBe(100);
});

it('sends what waits at the end, and nothing after it', async () => {
  const { clock, sender, sent, tell } = scene();
  tell(1);
  tell(2);
  sender.end();
  tell(3);
  sender.end();
  await clock.advance(1000);
  expect(sent).toEqual([[0, 1], [0, 2]]);
  expect(clock.sleeping).toBe(0);
});
