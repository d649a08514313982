/** Who wants less motion gets none: nothing is animated, nothing glides, and the words say what the stripes said. */
import { play, scenes } from './scenes.ts';
import { expect, test } from './scripted.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

for (const scene of scenes.filter(({ name }) => ['overview', 'jobs', 'jobs-drawer-counting', 'command-palette', 'cancel-all-dialog', 'first-run-1-what', 'notices'].includes(name))) {
  test(`nothing moves: ${scene.name}`, async ({ show }) => {
    const app = await show(scene.path, scene.world);
    await play(scene, app);
    const moving = await app.page.evaluate(() => document.getAnimations().map((animation) => (animation.effect instanceof KeyframeEffect ? `${animation.effect.target?.tagName ?? ''}.${animation.effect.target?.className ?? ''} ${String(animation.effect.getComputedTiming().duration)}` : 'an animation')));
    expect(moving).toEqual([]);
    const gliding = await app.page.evaluate(() => [...document.querySelectorAll('body *')].filter((element) => getComputedStyle(element).transitionDuration.split(',').some((time) => Number.parseFloat(time) > 0)).map((element) => String(element.getAttribute('class'))));
    expect(gliding).toEqual([]);
  });
}

test('while it counts, words say so', async ({ show }) => {
  const { page } = await show('/jobs', 'busy');
  await expect(page.getByText('Counting').first()).toBeVisible();
  await expect(page.getByText(/61\.7 GB in 708,112 files so far/).first()).toBeVisible();
});
