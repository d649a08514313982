/** Readers as processes of a real agent: killed while they answer, left by whoever asked, and ended with the agent. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentProcess } from '../support/agent-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Found {
  readonly rows: readonly { readonly path: string; readonly versions: number }[];
  readonly complete: boolean;
}

let place = '';
let home = '';
let source = '';
let agent: AgentProcess;
let repository = '';

beforeAll(async () => {
  place = temporaryFolder('readers');
  home = path.join(place, 'home');
  source = path.join(place, 'source');
  mkdirSync(path.join(source, 'letters'), { recursive: true });
  writeFileSync(path.join(source, 'letters', 'thesis.odt'), 'one');
  agent = await AgentProcess.start(home);
  const settings = await agent.must('GET', '/api/settings');
  await agent.must('PUT', '/api/settings', { ...settings, embedded_server: { enabled: false } });
  ({ repository_id: repository } = await agent.over(await agent.startBackup([source])));
});

afterAll(async () => {
  await agent.kill('SIGTERM');
  rmSync(place, { recursive: true, force: true });
});

const search = (): Promise<Found> => agent.must<Found>('POST', `/api/repositories/${repository}/search`, { pattern: 'thesis', wait: true });

/** Processes that the agent has as readers. */
function readers(): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ')[1] === String(agent.pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('cyberbackup reader');
    } catch (error) {
      // Gone meanwhile.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      return false;
    }
  });
}

interface Span {
  readonly name: string;
  readonly status: string;
}

/** What the agent tells of a request once it is over: a trace holds no span that goes on. */
async function ended(trace: string): Promise<readonly Span[]> {
  const { status, body } = await agent.call<{ readonly spans: readonly Span[] }>('GET', `/api/observability/traces/${trace}`);
  return status === 404 ? [] : body.spans;
}

describe.runIf(process.platform === 'linux')('a reader process', () => {
  it('answers, and nobody else sees its password', async () => {
    expect(await search()).toMatchObject({ complete: true, rows: [{ path: path.join(source, 'letters/thesis.odt'), versions: 1 }] });
    const [pid, ...others] = readers();
    expect(others).toEqual([]);
    const password = readFileSync(path.join(home, 'cyberbackup', 'repository-password'), 'utf8').trim();
    for (const file of ['cmdline', 'environ']) expect(readFileSync(`/proc/${pid}/${file}`, 'latin1')).not.toContain(password);
  });

  it('that is killed while it answers costs nothing: another one is asked', async () => {
    await search();
    const [pid = 0] = readers();
    process.kill(pid, 'SIGSTOP');
    const answer = search();
    // The question has reached the agent, which has asked the reader, when a later one was answered.
    await agent.must('GET', '/api/repositories');
    process.kill(pid, 'SIGKILL');
    expect((await answer).rows).toHaveLength(1);
    expect(readers()).not.toContain(pid);
  });

  it('goes on after somebody left, whose question ends while it stands still', async () => {
    await search();
    const [pid = 0] = readers();
    process.kill(pid, 'SIGSTOP');
    const leaving = new AbortController();
    const trace = randomBytes(16).toString('hex');
    const headers = { authorization: `Bearer ${agent.token}`, 'content-type': 'application/json', traceparent: `00-${trace}-${'1'.repeat(16)}-01` };
    const left = fetch(`${agent.url}/api/repositories/${repository}/search`, { method: 'POST', headers, body: '{}', signal: leaving.signal });
    // The question has reached the agent when later ones were answered.
    await agent.must('GET', '/api/repositories');
    await agent.must('GET', '/api/repositories');
    expect(await ended(trace)).toEqual([]);
    leaving.abort();
    await expect(left).rejects.toThrow(/abort/i);
    let spans: readonly Span[] = [];
    while (spans.length === 0) {
      await sleep(20);
      spans = await ended(trace);
    }
    expect(spans).toMatchObject([{ name: 'api search_files', status: 'error' }]);
    expect(readers()).toEqual([pid]);
    process.kill(pid, 'SIGCONT');
    expect((await search()).rows).toHaveLength(1);
    expect(readers()).toEqual([pid]);
  });

  it('ends with its agent', async () => {
    await search();
    const [pid = 0] = readers();
    await agent.kill('SIGTERM');
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
    agent = await AgentProcess.start(home);
  });
});
