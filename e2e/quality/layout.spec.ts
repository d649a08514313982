/** Written from right to left, and in the smallest window: nothing is cut off, everything is mirrored. */
import type { Page } from '@playwright/test';
import { play, scenes } from './scenes.ts';
import { expect, test } from './scripted.ts';

test.use({ viewport: { width: 880, height: 600 }, contextOptions: { reducedMotion: 'reduce' } });

/** What reaches beyond the window, or beyond a part of it that cannot be scrolled sideways; texts that end in an ellipsis may. */
function overflowing(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const name = (element: Element): string => `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''}`;
    const found: string[] = [];
    if (document.documentElement.scrollWidth > innerWidth) found.push('the page');
    for (const element of document.querySelectorAll('body *')) {
      const style = getComputedStyle(element);
      const hidden = element.closest('.sr, [aria-hidden=true], svg') !== null || style.clipPath !== 'none' || style.position === 'fixed';
      const { left, right, width, height } = element.getBoundingClientRect();
      if (hidden || width <= 1 || height <= 1 || style.visibility === 'hidden') continue;
      if (left < -1 || right > innerWidth + 1) found.push(`${name(element)} from ${Math.round(left)} to ${Math.round(right)}`);
      if (/auto|scroll/.test(style.overflowX) && element.scrollWidth > element.clientWidth + 1 && !element.matches('input, textarea')) found.push(`${name(element)} scrolls sideways`);
    }
    return found;
  });
}

/** Where the parts of the window stand: the middle of each, in pixels from the left. */
function middles(page: Page): Promise<Readonly<Record<string, number>>> {
  return page.evaluate(() =>
    Object.fromEntries(
      ['nav', 'main', 'h1'].flatMap((selector) => {
        const box = document.querySelector(selector)?.getBoundingClientRect();
        return box === undefined ? [] : [[selector, box.left + box.width / 2] as const];
      }),
    ),
  );
}

for (const scene of scenes) {
  test(`from right to left: ${scene.name}`, async ({ show }) => {
    const app = await show(scene.path, scene.world);
    const { page } = app;
    await play(scene, app);
    expect(await overflowing(page)).toEqual([]);
    const before = await middles(page);
    await page.evaluate(() => void (document.documentElement.dir = 'rtl'));
    expect(await overflowing(page)).toEqual([]);
    const after = await middles(page);
    for (const part of ['nav', 'main']) {
      if (before[part] !== undefined && after[part] !== undefined) expect(Math.abs(before[part] + after[part] - 880), `${part} is mirrored`).toBeLessThan(2);
    }
  });
}
