import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { FileSecretStore } from '../agent/repositories/secret-store.ts';
import type { OpenedSecretStore } from '../agent/repositories/secret-store.ts';
import { silentLogger } from '../core/platform/logger.ts';
import { canSeal, openSealedSecrets } from './sealed-secrets.ts';

const root = temporaryFolder('sealed');
let folder = root;
let count = 0;
const place = { logger: silentLogger, now: () => 0 };
const flip = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ 0x55));
let asked = 0;

beforeEach(() => {
  folder = join(root, String((count += 1)));
  asked = 0;
});
afterAll(() => rmSync(root, { recursive: true }));

function open({ keychain = true, plain = false, broken = false } = {}): OpenedSecretStore {
  const safeStorage = {
    isEncryptionAvailable: () => keychain,
    getSelectedStorageBackend: () => 'gnome_libsecret' as const,
    encryptString: (text: string) => flip(Buffer.from(text)),
    decryptString: (sealed: Buffer) => {
      if (broken) throw new Error('Error while decrypting the ciphertext');
      return flip(sealed).toString();
    },
  };
  const mayBePlain = async (): Promise<boolean> => {
    asked += 1;
    return plain;
  };
  return openSealedSecrets({ safeStorage, platform: 'linux', mayBePlain, logger: () => silentLogger })(folder, place);
}

describe('with a keychain', () => {
  it('a secret is sealed on disk, read again, and removed', async () => {
    await open().set('a', 'geheim');
    expect(readFileSync(join(folder, 'sealed-secrets.json'), 'utf8')).not.toContain('geheim');
    if (process.platform !== 'win32') expect(statSync(join(folder, 'sealed-secrets.json')).mode & 0o077).toBe(0);
    expect(await open().get('a')).toBe('geheim');
    await open().remove('a');
    expect(await open().get('a')).toBeUndefined();
    expect(asked).toBe(0);
  });

  it('what an agent without a desktop kept is read, and sealed when it changes', async () => {
    const plain = new FileSecretStore(folder, place);
    await plain.set('a', 'old');
    const store = open();
    expect(await store.get('a')).toBe('old');
    await store.set('a', 'new');
    expect(await new FileSecretStore(folder, place).get('a')).toBeUndefined();
    expect(await store.get('a')).toBe('new');
  });

  it('that does not open it any more the secret is missing, and not an error', async () => {
    await open().set('a', 'geheim');
    expect(await open({ broken: true }).get('a')).toBeUndefined();
  });
});

describe('without a keychain', () => {
  it('a secret goes into the plain file only where the person agreed', async () => {
    const store = open({ keychain: false, plain: true });
    await store.set('a', 'geheim');
    expect(asked).toBe(1);
    expect(await new FileSecretStore(folder, place).get('a')).toBe('geheim');
  });

  it('a newer one in the plain file is what counts, not what memory held before', async () => {
    const agreed = [false, true];
    const safeStorage = { isEncryptionAvailable: () => false, getSelectedStorageBackend: () => 'basic_text' as const, encryptString: () => Buffer.of(), decryptString: () => '' };
    const store = openSealedSecrets({ safeStorage, platform: 'linux', mayBePlain: async () => agreed.shift() === true, logger: () => silentLogger })(folder, place);
    await store.set('a', 'old');
    await store.set('a', 'new');
    expect(await store.get('a')).toBe('new');
  });

  it('else it lives in memory, and nowhere on disk', async () => {
    const store = open({ keychain: false, plain: false });
    await store.set('a', 'geheim');
    expect(await store.get('a')).toBe('geheim');
    expect(await open({ keychain: false }).get('a')).toBeUndefined();
  });
});

it('the plain-text fallback of Linux counts as no keychain', () => {
  const of = (backend: 'basic_text' | 'unknown' | 'kwallet5', platform: NodeJS.Platform) => canSeal({ platform, safeStorage: { isEncryptionAvailable: () => true, getSelectedStorageBackend: () => backend, encryptString: () => Buffer.of(), decryptString: () => '' } });
  expect([of('basic_text', 'linux'), of('unknown', 'linux'), of('kwallet5', 'linux'), of('unknown', 'darwin')]).toEqual([false, false, true, true]);
});
