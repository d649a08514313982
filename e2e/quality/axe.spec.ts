/** axe finds nothing on any screen, dialog or state: WCAG 2.2 AA, in both themes and in the smallest window. */
import { AxeBuilder } from '@axe-core/playwright';
import { play, scenes } from './scenes.ts';
import { expect, test } from './scripted.ts';

const looks = [
  { colorScheme: 'dark', width: 1200, height: 800 },
  { colorScheme: 'light', width: 880, height: 600 },
] as const;

test.use({ contextOptions: { reducedMotion: 'reduce' } });

for (const scene of scenes) {
  test(`axe: ${scene.name}`, async ({ show }) => {
    const app = await show(scene.path, scene.world);
    await play(scene, app);
    for (const { colorScheme, ...size } of looks) {
      await app.page.setViewportSize(size);
      await app.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await expect(app.page.locator('html')).toHaveAttribute('data-theme', colorScheme);
      const { violations } = await new AxeBuilder({ page: app.page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
      const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${colorScheme} ${size.width}, ${id}: ${String(target)}: ${failureSummary ?? ''}`));
      expect(found).toEqual([]);
    }
  });
}
