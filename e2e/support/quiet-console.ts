/** Collects what a page complains about, for specs that allow no complaint. */
import type { Page } from '@playwright/test';

export function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => void complaints.push(String(error)));
  return complaints;
}
