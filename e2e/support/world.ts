/** A folder of its own for a test: the home of the program, and files to back up. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createClient, fetchTransport } from '../../src/shared/contract/client.ts';
import type { Client } from '../../src/shared/contract/client.ts';
import type { Job } from '../../src/shared/contract/schemas/job.ts';
import { freePort } from '../../test/support/free-port.ts';

export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'cyberbackup-e2e-'));
  /** Hidden, as the program's own folders are: it is no folder that somebody would protect. */
  readonly home = join(this.folder, '.cyberbackup');

  constructor() {
    mkdirSync(this.home, { mode: 0o700 });
  }

  path(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  /** Files by name and text; the folder's path. */
  write(folder: string, files: Readonly<Record<string, string | Buffer>>): string {
    for (const [name, content] of Object.entries(files)) {
      const file = this.path(folder, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
    return this.path(folder);
  }

  /** So much that cannot be packed that its backup is not over before a test can look at it. */
  writeLarge(folder: string, megabytes: number): string {
    mkdirSync(this.path(folder), { recursive: true });
    let seed = 1;
    const block = Buffer.alloc(1 << 20);
    for (let file = 0; file < megabytes; file += 8) {
      const blocks = Array.from({ length: Math.min(8, megabytes - file) }, () => {
        for (let at = 0; at < block.length; at += 4) block.writeInt32LE((seed = Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d) + 0x297a2d39) | 0, at);
        return Buffer.from(block);
      });
      writeFileSync(join(this.path(folder), `block-${file}.bin`), Buffer.concat(blocks));
    }
    return this.path(folder);
  }

  /** Of the agent that runs on this home now. */
  async client(): Promise<Client> {
    const file = join(this.home, 'agent.json');
    return await eventually(async () => {
      const { url } = JSON.parse(readFileSync(file, 'utf8')) as { url: string };
      const client = createClient(fetchTransport({ baseUrl: url, token: readFileSync(join(this.home, 'api-token'), 'utf8').trim() }));
      // An agent that was killed leaves its address behind.
      await client.get_machine();
      return client;
    });
  }

  /** The companion server of each world has a port of its own, from the first start on. */
  async separateServer(client: Client): Promise<void> {
    const settings = await client.get_settings();
    if (!settings.embedded_server.listen.endsWith(':1256')) return;
    await client.update_settings({ ...settings, embedded_server: { enabled: true, listen: `127.0.0.1:${await freePort()}` } });
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Tries until it neither throws nor gives nothing. */
export async function eventually<Value>(look: () => Value | Promise<Value>, patienceMs = 30_000): Promise<NonNullable<Value>> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      const value = await look();
      if (value !== undefined && value !== null && value !== false) return value;
      if (Date.now() > deadline) throw new Error('It did not come to pass in time');
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => void setTimeout(resolve, 50));
  }
}

export async function jobInPhase(client: Client, id: string, ...phases: readonly Job['phase'][]): Promise<Job> {
  return await eventually(async () => {
    const job = await client.get_job({ job_id: id });
    return phases.includes(job.phase) ? job : undefined;
  }, 60_000);
}

/** KiB a second; 0: none. Jobs that run follow it. */
export async function limitUpload(client: Client, limit: number): Promise<void> {
  await client.update_settings({ ...(await client.get_settings()), upload_limit: limit });
}
