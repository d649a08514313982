/** The first run as a person goes through it. */
import { expect } from '@playwright/test';
import type { Page } from '@playwright/test';

export async function openWizard(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Set up in 3 steps' }).click();
  await expect(page.getByRole('heading', { name: 'What should be safe?' })).toBeVisible();
}

export async function goOn(page: Page, to: string): Promise<void> {
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('heading', { name: to })).toBeVisible();
}

/** From the second step on, with whatever was decided in it. */
export async function startWithOwnWords(page: Page): Promise<string> {
  await goOn(page, 'Choose the password');
  const password = await page.getByRole('textbox', { name: 'Password' }).inputValue();
  await page.getByRole('checkbox', { name: 'The recovery sheet is printed or saved elsewhere' }).check();
  await page.getByRole('button', { name: 'Start the first backup' }).click();
  return password;
}
