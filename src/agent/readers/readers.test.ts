/** The life of readers on a clock that is moved by hand, with processes that do what the test says. */
import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/platform/fake-clock.ts';
import { silentLogger } from '../../core/platform/logger.ts';
import { Failure } from '../../shared/errors.ts';
import type { CatalogueProgress, FromReader, ToReader } from '../../shared/reader-protocol.ts';
import type { WorkerProcess } from '../workers/worker-port.ts';
import { Readers } from './readers.ts';

type Exit = Parameters<Parameters<WorkerProcess['onExit']>[0]>[0];

/** Ready at once; answers what it is told to, and ends when it is asked to stop. */
class ScriptedReader implements WorkerProcess {
  readonly pid = 4711;
  readonly sent: ToReader[] = [];
  readonly signals: string[] = [];
  obeys = true;
  say: (message: FromReader | { readonly type: string }) => void = () => undefined;
  exit: (exit?: Partial<Exit>) => void = () => undefined;

  send(message: unknown): void {
    const sent = message as ToReader;
    this.sent.push(sent);
    if (sent.type === 'stop' && this.obeys) this.exit({ code: 0 });
  }
  onMessage(listener: (message: unknown) => void): void {
    this.say = listener;
    queueMicrotask(() => this.say({ type: 'ready' }));
  }
  onExit(listener: (exit: Exit) => void): void {
    this.exit = (exit) => listener({ code: null, signal: null, stderr: '', ...exit });
  }
  terminate(): void {
    this.signals.push('terminate');
  }
  kill(): void {
    this.signals.push('kill');
    this.exit({ signal: 'SIGKILL' });
  }

  get asked(): Extract<ToReader, { type: 'ask' }>[] {
    return this.sent.filter((message) => message.type === 'ask');
  }

  answerAll(): void {
    for (const { id, question } of this.asked) this.say({ type: 'answer', id, value: question });
  }
}

let clock: FakeClock;
let started: ScriptedReader[];
let told: [string, CatalogueProgress][];
let targets: string[];
let readers: Readers;
let launch: () => ScriptedReader;

beforeEach(() => {
  clock = new FakeClock();
  started = [];
  told = [];
  targets = [];
  launch = () => {
    const reader = new ScriptedReader();
    started.push(reader);
    return reader;
  };
  readers = new Readers({
    launch: () => launch(),
    clock,
    logger: silentLogger,
    memoryKills: () => undefined,
    target: (repositoryId) => {
      targets.push(repositoryId);
      if (repositoryId === 'unknown') return Promise.reject(new Failure('REPOSITORY_NOT_FOUND', { what: 'unknown' }));
      return Promise.resolve({ repositoryId, url: '/r', password: 'secret', cacheFolder: '/c' });
    },
    onCatalogue: (id, progress) => told.push([id, progress]),
  });
});

const list = (id: string, signal?: AbortSignal): Promise<unknown> => readers.ask('list_snapshots', { repository_id: id }, signal);
/** Asked and answered. */
async function use(id: string): Promise<void> {
  const answer = list(id);
  await setImmediate();
  started.at(-1)?.answerAll();
  await answer;
}
const alive = (): number[] => started.flatMap((reader, at) => (reader.sent.some(({ type }) => type === 'stop') ? [] : [at]));

describe('a reader', () => {
  it('is told of its repository once, and answers many questions at the same time', async () => {
    const answers = Promise.all([list('a'), readers.ask('get_catalogue', { repository_id: 'a' }), list('a')]);
    await setImmediate();
    const [reader] = started;
    expect(started).toHaveLength(1);
    expect(reader?.sent[0]).toEqual({ type: 'open', target: { repositoryId: 'a', url: '/r', password: 'secret', cacheFolder: '/c' } });
    expect(reader?.asked.map(({ id, question }) => [id, question])).toEqual([[0, 'list_snapshots'], [1, 'get_catalogue'], [2, 'list_snapshots']]);
    for (const { id, question } of (reader?.asked ?? []).toReversed()) reader?.say({ type: 'answer', id, value: `${question} ${id}` });
    expect(await answers).toEqual(['list_snapshots 0', 'get_catalogue 1', 'list_snapshots 2']);
    await readers.close();
    expect(clock.sleeping).toBe(0);
  });

  it('tells a failure as it is', async () => {
    const answer = list('a');
    await setImmediate();
    started[0]?.say({ type: 'failure', id: 0, failure: { code: 'PATH_NOT_FOUND', parts: { what: 'nothing there', next: 'look' }, path: 'path' } });
    await expect(answer).rejects.toMatchObject({ code: 'PATH_NOT_FOUND', path: 'path', text: { what: 'nothing there', next: 'look' } });
    await expect(list('unknown')).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FOUND' });
    expect(started).toHaveLength(1);
    await readers.close();
  });

  it('hears that nobody waits any more', async () => {
    const leaving = new AbortController();
    const answer = list('a', leaving.signal);
    await setImmediate();
    leaving.abort(new Error('left'));
    await expect(answer).rejects.toThrow('left');
    expect(started[0]?.sent.at(-1)).toEqual({ type: 'cancel', id: 0 });
    started[0]?.answerAll();
    await expect(list('a', leaving.signal)).rejects.toThrow('left');
    await readers.close();
  });

  it('that is gone is replaced by another, once', async () => {
    const answer = list('a');
    await setImmediate();
    started[0]?.exit({ signal: 'SIGKILL' });
    await setImmediate();
    started[1]?.answerAll();
    expect(await answer).toBe('list_snapshots');
    const lost = Promise.allSettled([list('a')]);
    await setImmediate();
    started[1]?.exit({ code: 1, stderr: 'TypeError: it broke' });
    await setImmediate();
    started[2]?.exit({ signal: 'SIGSEGV' });
    expect(await lost).toMatchObject([{ reason: { code: 'WORKER_CRASHED', text: { what: expect.stringContaining('SIGSEGV') as string, safe: 'Nothing was changed', next: expect.any(String) as string } } }]);
    expect(started).toHaveLength(3);
    await readers.close();
  });

  it('that cannot be started is told', async () => {
    launch = () => {
      throw new Error('spawn EAGAIN');
    };
    await expect(list('a')).rejects.toMatchObject({ code: 'WORKER_CRASHED', message: expect.stringContaining('EAGAIN') as string });
    expect(clock.sleeping).toBe(0);
  });

  it('that stands still for half a minute while somebody waits is ended', async () => {
    const answer = Promise.allSettled([list('a')]);
    await setImmediate();
    await clock.advance(29_000);
    started[0]?.say({ type: 'heartbeat', rss: 1, eventLoopDelayMs: 0 });
    await clock.advance(29_000);
    expect(started).toHaveLength(1);
    await clock.advance(10_000);
    // Terminated, then killed; another one is asked meanwhile, and hangs as well.
    expect(started[0]?.signals).toEqual(['terminate', 'kill']);
    await clock.advance(40_000);
    expect(await answer).toMatchObject([{ reason: { code: 'WORKER_HUNG' } }]);
    expect(started).toHaveLength(2);
    await readers.close();
  });

  it('that says what is not of the protocol is ended', async () => {
    const answer = list('a');
    await setImmediate();
    started[0]?.say({ type: 'shout' });
    await setImmediate();
    expect(started[0]?.signals).toEqual(['terminate']);
    started[0]?.exit();
    started[1]?.answerAll();
    expect(await answer).toBe('list_snapshots');
    await readers.close();
  });

  it('that does not stop is ended by force', async () => {
    await use('a');
    const [reader] = started;
    if (reader !== undefined) reader.obeys = false;
    const closing = readers.close();
    await clock.advance(4000);
    expect(reader?.signals).toEqual(['terminate', 'kill']);
    await closing;
    expect(clock.sleeping).toBe(0);
  });
});

describe('readers', () => {
  it('end five minutes after the last answer, and after the catalogue came to rest', async () => {
    await use('a');
    await clock.advance(4 * 60_000);
    await use('a');
    await clock.advance(4 * 60_000);
    expect(alive()).toEqual([0]);
    started[0]?.say({ type: 'catalogue', indexing: true, snapshotsDone: 0, snapshotsTotal: 2 });
    for (let minute = 0; minute < 10; minute += 1) await clock.advance(60_000);
    expect(alive()).toEqual([0]);
    started[0]?.say({ type: 'catalogue', indexing: false, snapshotsDone: 2, snapshotsTotal: 2 });
    await clock.advance(6 * 60_000);
    expect(alive()).toEqual([]);
    expect(told).toHaveLength(2);
    await use('a');
    expect([started.length, targets.length]).toEqual([2, 2]);
    await readers.close();
    expect(clock.sleeping).toBe(0);
  });

  it('are four at most', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await use(id);
    const again = list('a');
    await setImmediate();
    started[0]?.answerAll();
    await again;
    await use('e');
    expect(alive()).toEqual([0, 2, 3, 4]);
    await readers.close();
    expect(alive()).toEqual([]);
  });

  it('whose repository changed answer what was asked, and nothing more', async () => {
    const answer = list('a');
    await setImmediate();
    readers.forget('a');
    expect(alive()).toEqual([0]);
    const next = list('a');
    await setImmediate();
    started[1]?.answerAll();
    await next;
    started[0]?.answerAll();
    expect(await answer).toBe('list_snapshots');
    expect(alive()).toEqual([1]);
    await readers.close();
  });

  it('end with the agent, whatever they are asked', async () => {
    const answers = Promise.allSettled([list('a'), list('b')]);
    await setImmediate();
    readers.forget('b');
    await readers.close();
    for (const outcome of await answers) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'INTERRUPTED' } });
    await expect(list('a')).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(alive()).toEqual([]);
    expect(clock.sleeping).toBe(0);
  });
});
