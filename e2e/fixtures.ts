/** What every spec gets: a world of its own, and a way to open the application in the host of its project. */
import { test as base } from '@playwright/test';
import type { DoubleDesktop } from './support/double-desktop.ts';
import { openBrowser, openDesktop } from './support/hosts.ts';
import type { HostName, OpenApp } from './support/hosts.ts';
import { World } from './support/world.ts';

export { expect } from '@playwright/test';

interface Fixtures {
  readonly world: World;
  /** Opens it once more after it was closed, on the same home. */
  readonly open: () => Promise<OpenApp>;
  readonly app: OpenApp;
  /** The double, for what only it can be asked: tray, menus, dialogs. In true Electron such a spec is left out. */
  readonly desktop: DoubleDesktop;
}

export const test = base.extend<Fixtures & { host: HostName; keyring: boolean }>({
  host: ['desktop', { option: true }],
  /** Whether the desktop has a place for secrets; without one it asks before it keeps one plain. */
  keyring: [true, { option: true }],
  // Playwright reads the names of a fixture's needs from this pattern, also where it needs none.
  // oxlint-disable-next-line no-empty-pattern
  world: async ({}, use) => {
    const world = new World();
    await use(world);
    world.dispose();
  },
  open: async ({ world, context, host, keyring }, use) => {
    const opened: OpenApp[] = [];
    await use(async () => {
      const app = host === 'desktop' ? await openDesktop(world, context, { env: { DOUBLE_KEYRING: keyring ? '1' : '' } }) : await openBrowser(world, context);
      opened.push(app);
      return app;
    });
    for (const app of opened.reverse()) await app.close();
  },
  app: async ({ open }, use) => {
    await use(await open());
  },
  desktop: async ({ app }, use, info) => {
    info.skip(app.desktop === undefined, 'only the double can be asked');
    await use(app.desktop as DoubleDesktop);
  },
});
