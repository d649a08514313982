/** Every screen, dialog and state of the interface, each by how a person comes to it: for axe, for right-to-left, for pictures. */
import type { Page } from '@playwright/test';
import { drag } from '../support/drag.ts';
import type { ScriptedApp, WorldName } from './scripted.ts';

export interface Scene {
  /** Of the picture, too. */
  readonly name: string;
  readonly world: WorldName;
  readonly path: string;
  /** From the loaded screen to the scene. */
  readonly act?: (app: ScriptedApp) => Promise<void>;
}

const dialog = (page: Page) => page.getByRole('dialog').or(page.getByRole('alertdialog'));

/** A key of the window, until the dialog that it opens is there. */
const opens = (key: string) => async ({ page }: ScriptedApp): Promise<void> => {
  await page.keyboard.press(key);
  await dialog(page).first().waitFor();
};

const nextStep = async (page: Page): Promise<void> => await page.getByRole('button', { name: 'Continue' }).click();

export const scenes: readonly Scene[] = [
  { name: 'overview', world: 'busy', path: '/' },
  { name: 'overview-calm', world: 'calm', path: '/' },
  { name: 'overview-empty', world: 'empty', path: '/' },
  { name: 'first-run-1-what', world: 'empty', path: '/first-run' },
  {
    name: 'first-run-2-where',
    world: 'empty',
    path: '/first-run',
    async act({ page }) {
      await nextStep(page);
      await page.getByText('Backup server', { exact: true }).first().click();
      await page.getByLabel('Address').fill('https://nas.local:1256/');
      await page.getByLabel('User').fill('anna');
      await page.getByLabel('Server password').fill('a long secret');
      await page.getByRole('button', { name: 'It matches' }).waitFor();
    },
  },
  {
    name: 'first-run-3-password',
    world: 'empty',
    path: '/first-run',
    async act({ page }) {
      await nextStep(page);
      await page.getByText('This computer', { exact: true }).first().click();
      await nextStep(page);
      await page.getByRole('textbox', { name: 'Password' }).fill('river-copper-lantern-seventh-violin');
      await page.getByText('Very strong').waitFor();
    },
  },
  { name: 'jobs', world: 'busy', path: '/jobs' },
  { name: 'jobs-empty', world: 'empty', path: '/jobs' },
  { name: 'jobs-drawer-running', world: 'busy', path: '/jobs/run-photos' },
  { name: 'jobs-drawer-counting', world: 'busy', path: '/jobs/run-projects' },
  { name: 'jobs-drawer-retry', world: 'busy', path: '/jobs/wait-travel' },
  { name: 'jobs-drawer-paused', world: 'busy', path: '/jobs/pause-music' },
  { name: 'jobs-drawer-partial', world: 'busy', path: '/jobs/part-documents' },
  { name: 'jobs-drawer-failed', world: 'busy', path: '/jobs/fail-projects' },
  { name: 'jobs-drawer-cancelled', world: 'busy', path: '/jobs/cancel-photos' },
  { name: 'jobs-drawer-restore', world: 'busy', path: '/jobs/restore-tax' },
  {
    name: 'cancel-dialog',
    world: 'busy',
    path: '/jobs/run-photos',
    async act({ page }) {
      await page.getByRole('grid').focus();
      await opens('Delete')({ page } as ScriptedApp);
    },
  },
  { name: 'cancel-all-dialog', world: 'busy', path: '/jobs', act: opens('ControlOrMeta+Shift+X') },
  { name: 'command-palette', world: 'busy', path: '/jobs', act: opens('ControlOrMeta+K') },
  { name: 'all-keys', world: 'calm', path: '/', act: opens('?') },
  {
    name: 'drop-overlay',
    world: 'calm',
    path: '/',
    async act({ page }) {
      await drag(page, [{ name: 'Harbour survey', path: '' }]);
      await page.getByRole('heading', { name: 'Drop to back up' }).waitFor();
    },
  },
  { name: 'back-up-dialog', world: 'calm', path: '/', act: opens('ControlOrMeta+O') },
  { name: 'alerts', world: 'busy', path: '/jobs', act: async ({ page }) => await page.getByRole('button', { name: /^Alerts/ }).click() },
  { name: 'restore-browse', world: 'calm', path: '/restore' },
  {
    name: 'restore-dialog',
    world: 'calm',
    path: '/restore',
    async act({ page }) {
      await page.getByRole('button', { name: 'Restore this folder…' }).click();
      await dialog(page).first().waitFor();
    },
  },
  { name: 'restore-empty', world: 'empty', path: '/restore' },
  { name: 'health', world: 'busy', path: '/health' },
  { name: 'health-connections', world: 'busy', path: '/health/connections' },
  { name: 'error-partial', world: 'busy', path: '/jobs/part-documents/report' },
  { name: 'settings-plan-files', world: 'busy', path: '/settings/plan-documents' },
  { name: 'settings-plan-when', world: 'busy', path: '/settings/plan-documents?tab=when' },
  { name: 'settings-plan-new', world: 'busy', path: '/settings/plan-new' },
  { name: 'settings-alerts', world: 'busy', path: '/settings/alerts' },
  { name: 'settings-about', world: 'busy', path: '/settings/about' },
  { name: 'settings-repositories', world: 'busy', path: '/settings/repositories' },
  { name: 'settings-network', world: 'busy', path: '/settings/network' },
  { name: 'settings-server', world: 'busy', path: '/settings/server' },
  { name: 'settings-appearance', world: 'busy', path: '/settings/appearance' },
  {
    name: 'notices',
    world: 'busy',
    path: '/jobs',
    async act({ agent, page }) {
      agent.move('pause-music', { state: 'done', phase: 'CANCELLED', cancel_reason: 'Wrong files' });
      agent.move('run-projects', { state: 'done', phase: 'FAILED', error: { code: 'STORAGE_FULL', message: 'Studio cloud has no room left. Earlier copies are untouched. Make room or choose another place' } });
      agent.move('run-photos', { state: 'done', phase: 'COMPLETED', progress: 100, plan_id: null });
      await page.getByRole('region', { name: 'Notices' }).getByRole('listitem').nth(2).waitFor();
    },
  },
  {
    name: 'offline',
    world: 'calm',
    path: '/',
    async act({ agent, page }) {
      await agent.stop();
      await page.clock.runFor(3000);
      await page.getByText('does not answer').first().waitFor();
    },
  },
  { name: 'signed-out', world: 'calm', path: '/', act: async ({ page }) => void (await page.reload()) },
];

/** The scene, at rest: what loads has loaded, and nothing moves. */
export async function play({ act }: Scene, app: ScriptedApp): Promise<void> {
  const { page } = app;
  const loaded = page.locator('main').getByRole('heading').or(page.getByRole('heading')).first();
  await loaded.waitFor();
  await page.waitForLoadState('networkidle');
  await app.agent.isHeard();
  await act?.(app);
  await loaded.waitFor({ state: 'attached' });
}
