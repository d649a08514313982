/** The conformance suite of the storage port over real servers: ours, and those of other programs where installed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { loadAddon } from '../../src/core/native/load-addon.ts';
import type { Clock } from '../../src/core/platform/clock.ts';
import { systemClock } from '../../src/core/platform/clock.ts';
import { storeConformance } from '../../src/core/storage/testing/conformance.ts';
import type { ConformanceLimits } from '../../src/core/storage/testing/conformance.ts';
import { openStore } from '../../src/core/storage/open-store.ts';
import { RestStore } from '../../src/core/storage/rest-store.ts';
import type { RunningServer } from '../../src/server/server.ts';
import { foreignServerProgram, startForeignServer } from '../support/foreign-server.ts';
import type { ForeignServer, ForeignServerName } from '../support/foreign-server.ts';
import { serveFolder } from '../support/our-server.ts';

const addon = loadAddon();
/** Waits between repetitions are cut short: some cases fail for good only after several. */
const hastyClock: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal) };
/** Each store of the suite gets a repository of its own on the shared server. */
let count = 0;
const folders: string[] = [];

async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'cyberbackup-storage-servers-'));
  folders.push(folder);
  return folder;
}

afterAll(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

describe('our server', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await serveFolder(await freshFolder());
  });
  afterAll(() => server.close());

  storeConformance('the whole stack, limited, against our server', () =>
    Promise.resolve({ store: openStore(`rest:${server.url}/r${++count}/`, { addon, clock: hastyClock, limitUpload: 2 ** 30, limitDownload: 2 ** 30 }) }),
  );
});

storeConformance('the whole stack, limited, over a folder', async () => ({
  store: openStore(path.join(await freshFolder(), 'repository'), { addon, clock: hastyClock, limitUpload: 2 ** 30, limitDownload: 2 ** 30 }),
}));

foreign('rest-server', {});
foreign('rclone', { unverified: true, replaces: true, showsPartials: true });

function foreign(name: ForeignServerName, limits: ConformanceLimits): void {
  const program = foreignServerProgram(name);
  if (program === undefined) {
    describe(`${name} is not in CYBERBACKUP_PEERS`, () => it('so the storage conformance over it is not judged here', () => undefined));
    return;
  }
  describe(name, () => {
    let server: ForeignServer;
    beforeAll(async () => {
      server = await startForeignServer(name, program, await freshFolder());
    });
    afterAll(() => server.close());
    storeConformance(`rest against ${name}`, () => Promise.resolve({ store: new RestStore(new URL(`${server.url}r${++count}/`), { clock: systemClock }) }), limits);
  });
}
