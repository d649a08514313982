/** kill -9 before and after each change of the storage that a prune makes: every kept snapshot restores, and the next prune ends clean. */
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { removeHistory } from '../history/make-history.ts';
import { killAndJudge, makeKillScene } from '../support/prune-kills.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = temporaryFolder('prune-kills');
afterAll(() => removeHistory(root));

describe('a prune that is killed', () => {
  // Some forty kills, each with restores and checks: as long as it takes.
  it('before and after each of its changes loses nothing, and the next one ends it', { timeout: 0 }, async () => {
    const scene = await makeKillScene(path.join(root, 'scene'), 12);
    expect(scene.changes).toBeGreaterThan(10);
    for (let nth = 1; nth <= scene.changes; nth += 1) {
      for (const moment of ['before', 'after'] as const) await killAndJudge(scene, nth, moment, { restores: true });
      process.stdout.write(`killed before and after change ${nth} of ${scene.changes}\n`);
    }
  });
});
