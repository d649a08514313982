/** The demo tells the truth and leaves nothing behind, however it ends. */
import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { CliWorld } from './testing/cli-process.ts';

const world = new CliWorld();
const temporary = world.makeFolder('tmp');
const env = { TMPDIR: temporary, TEMP: temporary, CYBERBACKUP_HOME: world.path('home') };

afterAll(() => world.dispose());

describe('cyberbackup demo', () => {
  it('backs up, cancels, restores and compares, without a terminal', async () => {
    const outcome = await world.run(['demo'], { env });
    expect(outcome.code).toBe(0);
    for (const text of ['listens on http://127.0.0.1:', 'cancelled at', 'nothing half-written', 'compared byte by byte', 'Everything came back as it was']) expect(outcome.stdout).toContain(text);
    expect(outcome.stdout).not.toContain('\u001b');
    expect(readdirSync(temporary)).toEqual([]);
    // Only Node's compiled code is kept, in the cache of the home folder.
    expect(readdirSync(world.path('home'))).toEqual(['cache']);
  });

  it('leaves nothing behind after SIGINT', async () => {
    let sent = false;
    const outcome = await world.run(['demo'], {
      env,
      onOutput: (child, output) => {
        if (!sent && output.includes('A job cancelled')) sent = child.kill('SIGINT');
      },
    });
    expect(outcome.code).toBe(130);
    expect(outcome.stderr).toContain('cyberbackup: Interrupted.');
    expect(readdirSync(temporary)).toEqual([]);
  });
});
