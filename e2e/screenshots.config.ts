/** `npm run screenshots`: pictures of every scene as review material, in docs/screenshots. */
import { defineConfig } from '@playwright/test';
import type { HostName } from './support/hosts.ts';
import shared from './playwright.config.ts';

export default defineConfig<{ host: HostName }>({
  ...shared,
  testMatch: 'quality/pictures.ts',
  outputDir: '../reports/screenshots',
  projects: [{ name: 'browser', use: { host: 'browser' } }],
});
