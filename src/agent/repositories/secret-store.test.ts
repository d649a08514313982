import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { silentLogger } from '../../core/platform/logger.ts';
import { FileSecretStore } from './secret-store.ts';

const root = temporaryFolder('secrets');
afterAll(() => rmSync(root, { recursive: true }));
const said: string[] = [];
const open = (name: string): FileSecretStore => new FileSecretStore(join(root, name), { logger: { ...silentLogger, warn: (fields, message) => said.push(JSON.stringify({ ...fields, message })) }, now: () => 0 });

describe('the file of secrets', () => {
  it('keeps them for their owner only', async () => {
    const store = open('kept');
    await store.set('a', 'first');
    await store.set('b', 'wörter "quoted"\n');
    await store.set('a', 'second');
    await store.remove('unknown');
    const again = open('kept');
    expect([await again.get('a'), await again.get('b'), await again.get('c')]).toEqual(['second', 'wörter "quoted"\n', undefined]);
    await again.remove('a');
    expect(await open('kept').get('a')).toBeUndefined();
    for (const name of ['secrets.json', 'secrets.copy.json']) {
      expect(readFileSync(join(root, 'kept', name), 'utf8')).not.toContain('second');
      if (process.platform !== 'win32') expect(statSync(join(root, 'kept', name)).mode & 0o777).toBe(0o600);
    }
  });

  it('has no names of its own', async () => {
    const store = open('names');
    for (const name of ['constructor', 'toString', '__proto__']) expect(await store.get(name)).toBeUndefined();
  });

  it.skipIf(process.platform === 'win32')('is made private, with a word, where others could read it', async () => {
    const store = open('open');
    await store.set('a', 'planted');
    chmodSync(join(root, 'open', 'secrets.json'), 0o640);
    expect(await open('open').get('a')).toBe('planted');
    expect(statSync(join(root, 'open', 'secrets.json')).mode & 0o777).toBe(0o600);
    expect(said.join()).toContain('other users of this computer could read this file');
    expect(said.join()).not.toContain('planted');
  });

  it('is taken from its copy where it is damaged', async () => {
    await open('damaged').set('a', 'kept');
    writeFileSync(join(root, 'damaged', 'secrets.json'), 'x');
    const store = open('damaged');
    expect(store.repair?.outcome).toBe('restored');
    expect(await store.get('a')).toBe('kept');
  });
});
