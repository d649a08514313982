/** What a screen reader hears of jobs: start, each quarter, end; politely, and not more often than every ten seconds. */
import type { Page } from '@playwright/test';
import { aJob, calmAnswers } from '../support/scripted-world.ts';
import { expect, test } from './scripted.ts';

const region = (page: Page) => page.locator('[data-region=jobs]');
const rest = async (page: Page): Promise<void> => await page.clock.fastForward(10_000);

const texts = {
  'en-GB': { started: 'Letters started', quarter: 'Letters: 25 percent', half: 'Letters: 50 percent', done: 'Letters is backed up', failed: 'Letters failed', cancelled: 'Letters was cancelled', partial: 'Letters: 2 files could not be read' },
  'de-DE': { started: 'Letters hat begonnen', quarter: 'Letters: 25 Prozent', half: 'Letters: 50 Prozent', done: 'Letters ist gesichert', failed: 'Letters ist fehlgeschlagen', cancelled: 'Letters wurde abgebrochen', partial: 'Letters: 2 Dateien waren nicht lesbar' },
} as const;

for (const locale of ['en-GB', 'de-DE'] as const) {
  test.describe(locale, () => {
    test.use({ locale });
    const t = texts[locale];
    const queued = aJob({ job_id: 'letters', paths: ['/home/anna/Letters'], state: 'queued', phase: 'QUEUED', attempt: 0 });
    const world = { jobs: [queued], answers: calmAnswers };

    test('hears start, quarters and the end of a job', async ({ show }) => {
      const { agent, page } = await show('/', world);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect.poll(() => agent.listeners).toBe(1);
      await expect(region(page)).toHaveAttribute('aria-live', 'polite');
      agent.move('letters', { state: 'running', phase: 'TRANSFERRING', attempt: 1 });
      await expect(region(page)).toHaveText(t.started);
      await rest(page);
      agent.move('letters', { progress: 20 });
      agent.move('letters', { progress: 26 });
      await expect(region(page)).toHaveText(t.quarter);
      // Within the rest nothing is said; afterwards only the newest.
      agent.move('letters', { progress: 51 });
      agent.move('letters', { progress: 52 });
      await page.clock.runFor(1000);
      await expect(region(page)).toHaveText(t.quarter);
      await rest(page);
      await expect(region(page)).toHaveText(t.half);
      agent.move('letters', { progress: 80 });
      await page.clock.runFor(1000);
      agent.move('letters', { state: 'done', phase: 'COMPLETED', progress: 100, finished_at: '2026-11-20T14:25:00.000Z' });
      await page.clock.runFor(1000);
      await rest(page);
      await expect(region(page)).toHaveText(t.done);
    });

    for (const [phase, expected, change] of [
      ['FAILED', t.failed, { error: { code: 'STORAGE_FULL', message: 'No room is left' } }],
      ['CANCELLED', t.cancelled, { cancel_reason: 'later' }],
      ['PARTIAL', t.partial, { error_count: 2 }],
    ] as const) {
      test(`hears of ${phase}`, async ({ show }) => {
        const { agent, page } = await show('/', { ...world, jobs: [{ ...queued, state: 'running', phase: 'TRANSFERRING', attempt: 1 }] });
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await expect.poll(() => agent.listeners).toBe(1);
        agent.move('letters', { state: 'done', phase, finished_at: '2026-11-20T14:25:00.000Z', ...change });
        await expect(region(page)).toHaveText(expected);
      });
    }
  });
}
