import { describe, expect, it } from 'vitest';
import { exitCause } from './exit-cause.ts';
import type { WorkerExit } from './exit-cause.ts';

const exit: WorkerExit = { code: null, signal: null, stderr: '', memoryRanOut: false };

describe('why a worker is gone', () => {
  it.each<[string, Partial<WorkerExit>, string, RegExp]>([
    ['a signal', { signal: 'SIGSEGV' }, 'WORKER_CRASHED', /invalid access to memory \(SIGSEGV\)/],
    ['a signal without words', { signal: 'SIGUSR2' }, 'WORKER_CRASHED', /by SIGUSR2/],
    ['a kill', { signal: 'SIGKILL' }, 'WORKER_CRASHED', /from outside \(SIGKILL\)/],
    ['a kill while memory ran out', { signal: 'SIGKILL', memoryRanOut: true }, 'WORKER_OUT_OF_MEMORY', /memory of this computer ran out/],
    ['another end while memory ran out', { code: 7, memoryRanOut: true }, 'WORKER_CRASHED', /exit code 7/],
    ['a full heap', { code: 134, stderr: 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n----- Native stack trace -----\n 1: 0x7f\n' }, 'WORKER_OUT_OF_MEMORY', /ran out of memory/],
    ['a full heap, as a signal', { signal: 'SIGABRT', stderr: 'FATAL ERROR: JavaScript heap out of memory' }, 'WORKER_OUT_OF_MEMORY', /ran out of memory/],
    ['no memory in native code', { signal: 'SIGABRT', stderr: "terminate called after throwing an instance of 'std::bad_alloc'" }, 'WORKER_OUT_OF_MEMORY', /ran out of memory/],
    ['an access violation of Windows', { code: 0xc0000005 }, 'WORKER_CRASHED', /0xC0000005/],
    ['an exit without an end', { code: 0 }, 'WORKER_CRASHED', /without saying/],
    ['an error', { code: 1, stderr: '\u001b[31mTypeError: x is not a function\u001b[0m\n    at f (file:///a.js:1:1)\n\nNode.js v24.21.0\n' }, 'WORKER_CRASHED', /exit code 1: TypeError: x is not a function/],
    ['no start', { stderr: 'spawn /usr/bin/node EAGAIN' }, 'WORKER_CRASHED', /could not be started: spawn \/usr\/bin\/node EAGAIN/],
  ])('%s', (_, how, code, message) => {
    const cause = exitCause({ ...exit, ...how });
    expect(cause).toMatchObject({ code, retryable: true });
    expect(cause.message).toMatch(message);
    // What happened, what is safe, what to do.
    expect(cause.message.split('. ').length).toBeGreaterThanOrEqual(3);
  });

  it('shows no control character and no credential of what the worker said', () => {
    const { message } = exitCause({ ...exit, code: 1, stderr: `Error: \u001b]0;title\u0007 https://anna:planted@host/ ${'x'.repeat(10_000)}` });
    expect(message).not.toContain('planted');
    // oxlint-disable-next-line no-control-regex
    expect(message).not.toMatch(/[\u0000-\u001f]/);
    expect(message.length).toBeLessThan(1000);
  });
});
