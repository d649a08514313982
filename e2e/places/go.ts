/** Leads to a path of the interface as a link would: a page that is loaded anew is signed out in the browser. */
import type { Page } from '@playwright/test';

export async function go(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, path);
}
