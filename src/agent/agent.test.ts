/** One agent a home folder: its lock, its file, its signals. Real processes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { systemClock } from '../core/platform/clock.ts';
import { silentLogger } from '../core/platform/logger.ts';
import { findAgent } from './agent-file.ts';
import { EventHub } from './event-hub.ts';
import { startTestAgent } from './testing/test-agent.ts';

const program = fileURLToPath(new URL('testing/agent-process.ts', import.meta.url));
const folder = temporaryFolder('agent-process');
const children: ChildProcess[] = [];
let homes = 0;

const newHome = (): string => join(folder, `home-${++homes}`);

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await gone;
    }
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface AgentProcess {
  readonly child: ChildProcess;
  /** Its address; undefined where it ended before it had one. */
  readonly url: Promise<string | undefined>;
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

function startProcess(home: string, ...more: string[]): AgentProcess {
  const child = spawn(process.execPath, [program, home, ...more], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) => child.once('close', (code) => resolve({ code, stderr })));
  const url = new Promise<string | undefined>((resolve) => {
    child.stdout.setEncoding('utf8').once('data', (line: string) => resolve((JSON.parse(line) as { url: string }).url));
    void ended.then(() => resolve(undefined));
  });
  return { child, url, ended };
}

describe('two agents on one home folder', () => {
  it('the second says so and exits 1, the first goes on', async () => {
    const home = newHome();
    const first = startProcess(home);
    const url = await first.url;
    const second = startProcess(home);
    expect(await second.ended).toEqual({ code: 1, stderr: expect.stringMatching(new RegExp(`^AGENT_RUNNING: Another agent \\(process ${first.child.pid}\\) runs on`)) as string });
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(await findAgent(home, systemClock)).toEqual({ url, pid: first.child.pid, version: '0.0.0-test' });
  });

  it('of five at the same moment at most one stays', async () => {
    const home = newHome();
    const started = Array.from({ length: 5 }, () => startProcess(home));
    const urls = await Promise.all(started.map(({ url }) => url));
    expect(urls.filter((url) => url !== undefined).length).toBeLessThanOrEqual(1);
    for (const [at, { ended }] of started.entries()) if (urls[at] === undefined) expect(await ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/^AGENT_RUNNING/) as string });
  });

  it('one that was killed leaves nothing in the way, and is not taken for running', async () => {
    const home = newHome();
    const first = startProcess(home);
    await first.url;
    first.child.kill('SIGKILL');
    await first.ended;
    expect(existsSync(join(home, 'agent.json'))).toBe(true);
    expect(await findAgent(home, systemClock)).toBeUndefined();
    expect(await startProcess(home).url).toMatch(/^http:/);
  });
});

describe('agent.json', () => {
  it.skipIf(process.platform === 'win32')('is for its owner only', async () => {
    const home = newHome();
    const agent = await startTestAgent({ folder: home });
    expect(statSync(join(home, 'agent.json')).mode & 0o777).toBe(0o600);
    expect(statSync(home).mode & 0o777).toBe(0o700);
    await agent.stop();
  });

  it.each(['', '{', '[]', '{"url":1}', `{"url":"http://127.0.0.1:1","pid":1,"version":"1"}`])('with the text %j, or of another process, counts as none', async (text) => {
    const home = newHome();
    const agent = await startTestAgent({ folder: home });
    writeFileSync(join(home, 'agent.json'), text);
    expect(await findAgent(home, systemClock)).toBeUndefined();
    await agent.stop();
  });
});

describe.skipIf(process.platform === 'win32')('signals', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s stops it gracefully', async (signal) => {
    const home = newHome();
    const agent = startProcess(home);
    await agent.url;
    agent.child.kill(signal);
    expect(await agent.ended).toEqual({ code: 0, stderr: '' });
    expect(existsSync(join(home, 'agent.json'))).toBe(false);
    expect(existsSync(join(home, '.agent.lock'))).toBe(false);
    expect(readFileSync(join(home, 'api-token'), 'utf8')).toMatch(/^[\w-]{43}\n$/);
  });

  it('a second one ends it at once', async () => {
    const agent = startProcess(newHome(), 'slow');
    const url = await agent.url;
    agent.child.kill('SIGTERM');
    // Its API goes first: then the first signal has been heard.
    while (await fetch(`${url}/health`).then((answer) => answer.arrayBuffer(), () => undefined)) await new Promise((resolve) => setImmediate(resolve));
    agent.child.kill('SIGTERM');
    expect((await agent.ended).code).toBe(130);
  });
});

describe('the event hub', () => {
  it('a listener that throws costs the others nothing', () => {
    const hub = new EventHub(silentLogger);
    const got: string[] = [];
    hub.listen(() => {
      throw new Error('broken');
    });
    const stop = hub.listen((name) => got.push(name));
    hub.emit('plans_changed', {});
    stop();
    hub.emit('plans_changed', {});
    expect(got).toEqual(['plans_changed']);
  });
});
