/** Everything without the mouse: a backup and its restore, settings, the palette; dialogs hold the focus and give it back. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { eventually } from '../support/world.ts';
import { busyJobs } from '../support/scripted-world.ts';
import { test as scripted } from './scripted.ts';

/** More stops than any screen has. */
const mostStops = 120;

/** What has the focus must show it: a ring of its own, or one of the field around it. */
async function focusIsVisible(page: Page): Promise<void> {
  const shown = await page.evaluate(() => {
    const chosen = document.getElementById(document.activeElement?.getAttribute('aria-activedescendant') ?? '');
    for (let element: Element | null = chosen ?? document.activeElement; element !== null && element !== document.body; element = element.parentElement) {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      if ((outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) || boxShadow !== 'none') return 'shown';
      if (element.matches('[role=grid], [role=dialog], [role=alertdialog], main, aside')) break;
    }
    const { tagName, className } = document.activeElement ?? document.body;
    return `${tagName} ${className} shows no focus`;
  });
  expect(shown).toBe('shown');
}

async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  const isThere = async (): Promise<boolean> => await target.evaluate((element) => element === document.activeElement);
  for (let stop = 0; stop < mostStops; stop++) {
    if (await isThere()) return await focusIsVisible(page);
    await page.keyboard.press('Tab');
  }
  throw new Error(`No Tab leads to ${String(target)}`);
}

async function press(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

test('a folder is backed up, its file lost and restored, without the mouse', async ({ app, world }) => {
  const { page, client, desktop } = app;
  const source = world.write('Letters', { 'to anna.txt': 'Dear Anna', 'to tom.txt': 'Dear Tom' });
  await expect(page.getByRole('main')).toBeVisible();
  await page.keyboard.press('ControlOrMeta+o');
  const dialog = page.getByRole('dialog', { name: 'Back up files' });
  await press(page, dialog.getByRole('button', { name: 'Folders…' }));
  if (desktop === undefined) {
    const chooser = page.getByRole('dialog', { name: 'Choose folders' });
    await tabTo(page, chooser.getByRole('textbox', { name: 'Path' }));
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type(source);
    await page.keyboard.press('Enter');
    await expect(chooser.getByText('to anna.txt')).toBeVisible();
    await press(page, chooser.getByRole('button', { name: 'Choose this folder' }));
  } else {
    await (await desktop.dialog()).answer({ canceled: false, filePaths: [source] });
  }
  const chosen = page.getByRole('dialog', { name: 'Back up 1 folder' });
  await press(page, chosen.getByRole('button', { name: 'Back up', exact: true }));
  await expect(chosen).toBeHidden();
  await expect.poll(() => new URL(page.url()).pathname).toMatch(/^\/jobs\//);
  await expect(page.getByText('Completed').first()).toBeVisible();

  await page.keyboard.press('ControlOrMeta+3');
  const grid = page.getByRole('grid', { name: 'Files of the snapshot' });
  await expect(grid.getByRole('row')).toHaveCount(1);
  await press(page, grid);
  await expect(grid.getByRole('row').first()).toContainText('to anna.txt');
  await press(page, grid, ' ');
  await expect(page.getByText('1 selected')).toBeVisible();
  await page.keyboard.press('ControlOrMeta+Enter');
  const restore = page.getByRole('dialog', { name: /^Restore 1 item/ });
  await expect(restore).toBeVisible();
  await press(page, restore.getByRole('button', { name: 'Restore 1 file' }));
  await expect(restore).toBeHidden();
  const job = await eventually(async () => (await client.list_jobs({ state: 'done' })).jobs.find(({ kind, phase }) => kind === 'restore' && phase === 'COMPLETED'));
  const [target = ''] = job.paths;
  expect(dirname(target)).toBe(world.folder);
  expect(readFileSync(join(target, 'to anna.txt'), 'utf8')).toBe('Dear Anna');
});

test('a setting is changed and kept without the mouse', async ({ app }) => {
  const { page } = app;
  await expect(page.getByRole('main')).toBeVisible();
  await page.keyboard.press('ControlOrMeta+,');
  await press(page, page.getByRole('link', { name: 'Appearance' }));
  const dark = page.getByRole('radio', { name: 'Dark', exact: true });
  await tabTo(page, page.getByRole('radio', { name: 'Like the system' }).first());
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(dark).toBeFocused();
  await page.keyboard.press(' ');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

scripted.describe('dialogs', () => {
  scripted.use({ contextOptions: { reducedMotion: 'reduce' } });

  const openers = [
    { name: 'the palette', key: 'ControlOrMeta+k', role: 'dialog' },
    { name: 'all keys', key: '?', role: 'dialog' },
    { name: 'backing up', key: 'ControlOrMeta+o', role: 'dialog' },
    { name: 'cancelling all', key: 'ControlOrMeta+Shift+x', role: 'alertdialog' },
  ] as const;
  for (const { name, key, role } of openers) {
    scripted(`${name} holds the focus, ends with Escape, and gives the focus back`, async ({ show }) => {
      const { page } = await show('/jobs', 'busy');
      const list = page.getByRole('grid');
      await list.focus();
      await page.keyboard.press(key);
      const dialog = page.getByRole(role);
      await expect(dialog).toBeVisible();
      const inside = async (): Promise<boolean> => await dialog.evaluate((element) => element.contains(document.activeElement));
      await expect.poll(inside).toBe(true);
      for (const way of ['Tab', 'Shift+Tab'] as const) {
        for (let stop = 0; stop < 14; stop++) {
          await page.keyboard.press(way);
          expect(await inside()).toBe(true);
        }
      }
      // What lies uppermost goes first: of a button that has the focus, its tooltip.
      const ended = async (): Promise<boolean> => {
        if (await dialog.isVisible()) await page.keyboard.press('Escape');
        return await dialog.isHidden();
      };
      await expect.poll(ended).toBe(true);
      await expect(list).toBeFocused();
    });
  }

  scripted('a job is chosen, looked at and kept running with keys', async ({ show }) => {
    const { page } = await show('/jobs', 'busy');
    const list = page.getByRole('grid');
    await tabTo(page, list);
    await page.keyboard.press('ArrowDown');
    await expect(page.getByRole('row', { selected: true })).toHaveCount(1);
    await expect(page.getByRole('complementary')).toBeVisible();
    await page.keyboard.press('Delete');
    const question = page.getByRole('alertdialog');
    await expect(question).toBeVisible();
    await page.keyboard.type('Too slow');
    await expect(question.getByRole('textbox')).toHaveValue('Too slow');
    await page.keyboard.press('Escape');
    await expect(question).toBeHidden();
    await expect(list).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('complementary')).toBeHidden();
    expect(busyJobs.filter(({ state }) => state === 'running')).toHaveLength(2);
  });

  scripted('the palette finds a job and leads to it', async ({ show }) => {
    const { page } = await show('/', 'busy');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.keyboard.press('ControlOrMeta+k');
    await expect(page.getByRole('combobox')).toBeFocused();
    await page.keyboard.type('projects');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog')).toBeHidden();
  });

  scripted('F6 goes round the panes', async ({ show }) => {
    const { page } = await show('/jobs/run-photos', 'busy');
    await expect(page.getByRole('complementary')).toBeVisible();
    const panes: string[] = [];
    for (let stop = 0; stop < 3; stop++) {
      await page.keyboard.press('F6');
      panes.push(await page.evaluate(() => document.activeElement?.closest('aside, nav, main')?.tagName ?? 'none'));
    }
    expect(panes.toSorted()).toEqual(['ASIDE', 'MAIN', 'NAV']);
  });
});
