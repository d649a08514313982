/** The one entry point of the server, as a process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { freePort } from '../../test/support/free-port.ts';
import { CliWorld } from './testing/cli-process.ts';

const world = new CliWorld();

afterAll(() => world.dispose());

it.each(['--server', 'server'])('R11: "%s" starts the headless server, which answers and ends in order', async (word) => {
  const port = await freePort();
  const [node, ...args] = world.commandLine([word, '--no-auth', '--listen', `127.0.0.1:${port}`, '--data', world.makeFolder(`data of ${word}`)]);
  // Neither a display nor Electron is asked for.
  const child = spawn(node, args, { env: world.environment({ DISPLAY: undefined, WAYLAND_DISPLAY: undefined }), stdio: 'ignore' });
  const ended = once(child, 'exit');
  try {
    let answer: Response | undefined;
    while (answer === undefined) {
      expect([child.exitCode, child.signalCode]).toEqual([null, null]);
      answer = await fetch(`http://127.0.0.1:${port}/health`, { headers: { connection: 'close' } }).catch(() => undefined);
      if (answer === undefined) await sleep(50);
    }
    expect(await answer.json()).toMatchObject({ status: 'ok' });
  } finally {
    child.kill('SIGTERM');
  }
  expect(await ended).toEqual(process.platform === 'win32' ? [null, 'SIGTERM'] : [0, null]);
});
