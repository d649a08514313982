/** kill -9 at a few changes of a prune; prune-kill.suite.ts takes all of them. */
import path from 'node:path';
import { afterAll, describe, it } from 'vitest';
import { removeHistory } from '../history/make-history.ts';
import { killAndJudge, makeKillScene } from '../support/prune-kills.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = temporaryFolder('prune-kill');
afterAll(() => removeHistory(root));

describe('a prune that is killed', () => {
  it('loses nothing, and the next one ends it', async () => {
    const scene = await makeKillScene(path.join(root, 'scene'), 6);
    for (const share of [0.3, 0.7]) await killAndJudge(scene, Math.max(1, Math.round(scene.changes * share)), share < 0.5 ? 'before' : 'after', { restores: false });
  }, 600_000);
});
