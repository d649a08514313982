/** The same specs in the desktop (true Electron where its program is, else the double) and in a browser. */
import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';
import type { HostName } from './support/hosts.ts';

const chromium = process.env['CYBERBACKUP_CHROMIUM'] ?? '/usr/bin/chromium';

export default defineConfig<{ host: HostName }>({
  testDir: '.',
  outputDir: '../reports/e2e',
  fullyParallel: true,
  workers: 2,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [['line']],
  use: {
    viewport: { width: 1200, height: 800 },
    launchOptions: { ...(existsSync(chromium) ? { executablePath: chromium } : {}), args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'] },
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'desktop', use: { host: 'desktop' } },
    { name: 'browser', use: { host: 'browser' }, testIgnore: /shell\//u },
  ],
});
