/**
 * Pictures of every scene in light, in dark and in the smallest window (docs/screenshots/NAME-light.png, -dark.png, -880.png), and
 * the page that shows them. Data and time are the scripted household's, so that equal states make equal pictures.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { smallPng } from '../support/small-png.ts';
import { play, scenes } from './scenes.ts';
import { expect, test } from './scripted.ts';

const folder = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));
const looks = [
  { suffix: 'light', colorScheme: 'light', width: 1200, height: 800 },
  { suffix: 'dark', colorScheme: 'dark', width: 1200, height: 800 },
  { suffix: '880', colorScheme: 'light', width: 880, height: 600 },
] as const;

test.use({ contextOptions: { reducedMotion: 'reduce' }, locale: 'en-GB', timezoneId: 'Europe/Berlin' });

for (const scene of scenes) {
  test(`picture: ${scene.name}`, async ({ show }) => {
    mkdirSync(folder, { recursive: true });
    const app = await show(scene.path, scene.world);
    const { page } = app;
    await play(scene, app);
    for (const { suffix, colorScheme, ...size } of looks) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme);
      const picture = await page.screenshot({ animations: 'disabled', caret: 'hide', scale: 'css' });
      writeFileSync(join(folder, `${scene.name}-${suffix}.png`), smallPng(picture));
    }
  });
}

test('the page that shows them', () => {
  mkdirSync(folder, { recursive: true });
  const known = new Set(scenes.flatMap(({ name }) => looks.map(({ suffix }) => `${name}-${suffix}.png`)));
  for (const file of readdirSync(folder)) if (file.endsWith('.png') && !known.has(file)) rmSync(join(folder, file));
  const rows = scenes.map(({ name }) => `## ${name}\n\n${looks.map(({ suffix }) => `[![${name}, ${suffix}](${name}-${suffix}.png)](${name}-${suffix}.png)`).join('\n')}\n`);
  writeFileSync(join(folder, 'README.md'), `# Screens and states\n\nEach in light and dark at 1200 × 800, and in the smallest window, 880 × 600. \`npm run screenshots\` makes them again; the\nscenes are in \`e2e/quality/scenes.ts\`, their data in \`e2e/support/scripted-world.ts\`.\n\n${rows.join('\n')}`);
});
