/**
 * Fails a test file that leaves something open: a server, a socket, a child process or a file descriptor. Loaded for
 * every test file by vitest.config.ts; it compares what is open after the file with what was open before it.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';

const watched = new Set(['TCPServerWrap', 'TCPSocketWrap', 'TLSWrap', 'ProcessWrap', 'PipeWrap', 'PipeServerWrap', 'FSEventWrap', 'Worker']);

function openHandles(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => watched.has(kind));
}

/** Open files and directories by path, on Linux; elsewhere only the handles above are compared. */
function openFiles(): string[] {
  if (process.platform !== 'linux') return [];
  const found: string[] = [];
  for (const descriptor of readdirSync('/proc/self/fd')) {
    try {
      const target = readlinkSync(`/proc/self/fd/${descriptor}`);
      if (target.startsWith('/') && !target.startsWith('/dev/') && !target.startsWith('/proc/') && !target.includes('/node_modules/')) found.push(target);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // the descriptor of this very listing
    }
  }
  return found;
}

function added(before: readonly string[], after: readonly string[]): string[] {
  const rest = [...before];
  return after.filter((item) => {
    const at = rest.indexOf(item);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

let before = { handles: [] as string[], files: [] as string[] };

beforeAll(() => {
  before = { handles: openHandles(), files: openFiles() };
});

afterAll(async () => {
  // Closing is not instant: sockets and children end in later turns of the loop, collected objects at a later time.
  let leaked: string[] = [];
  for (let turn = 0; turn < 100; turn++) {
    leaked = [...added(before.handles, openHandles()), ...added(before.files, openFiles())];
    if (leaked.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(leaked, 'left open by this test file').toEqual([]);
});
