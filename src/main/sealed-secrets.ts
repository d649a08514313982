/**
 * Secrets behind the system's keychain, by Electron's `safeStorage`.
 *
 * Vocabulary: *sealed* secrets are encrypted with a key that the keychain holds, in `sealed-secrets.json`; *plain* ones are in
 * the file that the agent without a desktop uses.
 *
 * Invariants: a new secret is plain only after the person agreed; one that cannot be sealed and must not be plain lives in
 * memory until the program quits; what an agent without a desktop kept plain is still read.
 */
import type { SafeStorage } from 'electron';
import type { Logger } from '../core/platform/logger.ts';
import { FileSecretStore } from '../agent/repositories/secret-store.ts';
import type { OpenedSecretStore, OpenSecretStore } from '../agent/repositories/secret-store.ts';

export interface SealPorts {
  readonly safeStorage: Pick<SafeStorage, 'isEncryptionAvailable' | 'encryptString' | 'decryptString' | 'getSelectedStorageBackend'>;
  readonly platform: NodeJS.Platform;
  /** Whether secrets may be kept in a plain file, asked for at most once. */
  readonly mayBePlain: () => Promise<boolean>;
  readonly logger: () => Logger;
}

/** Under Linux without a keyring Electron "encrypts" with a password that everybody knows. */
export function canSeal({ safeStorage, platform }: Pick<SealPorts, 'safeStorage' | 'platform'>): boolean {
  if (!safeStorage.isEncryptionAvailable()) return false;
  return platform !== 'linux' || !['basic_text', 'unknown'].includes(safeStorage.getSelectedStorageBackend());
}

export function openSealedSecrets(ports: SealPorts): OpenSecretStore {
  return (configuration, place) => new SealedSecretStore(new FileSecretStore(configuration, place, 'sealed-secrets.json'), new FileSecretStore(configuration, place), ports);
}

class SealedSecretStore implements OpenedSecretStore {
  readonly #sealed: OpenedSecretStore;
  readonly #plain: OpenedSecretStore;
  readonly #ports: SealPorts;
  readonly #memory = new Map<string, string>();

  constructor(sealed: OpenedSecretStore, plain: OpenedSecretStore, ports: SealPorts) {
    this.#sealed = sealed;
    this.#plain = plain;
    this.#ports = ports;
  }

  get repair(): OpenedSecretStore['repair'] {
    return this.#sealed.repair ?? this.#plain.repair;
  }

  async get(name: string): Promise<string | undefined> {
    return this.#memory.get(name) ?? (await this.#unsealed(name)) ?? (await this.#plain.get(name));
  }

  async set(name: string, secret: string): Promise<void> {
    if (canSeal(this.#ports)) {
      await this.#sealed.set(name, this.#ports.safeStorage.encryptString(secret).toString('base64'));
      await this.#plain.remove(name);
      this.#memory.delete(name);
    } else if (await this.#ports.mayBePlain()) {
      await this.#plain.set(name, secret);
      await this.#sealed.remove(name);
      this.#memory.delete(name);
    } else {
      this.#memory.set(name, secret);
    }
  }

  async remove(name: string): Promise<void> {
    this.#memory.delete(name);
    await this.#sealed.remove(name);
    await this.#plain.remove(name);
  }

  /** Undefined also where the keychain does not open it any more: then the person is asked for it, as for one that is missing. */
  async #unsealed(name: string): Promise<string | undefined> {
    const sealed = await this.#sealed.get(name);
    if (sealed === undefined || !this.#ports.safeStorage.isEncryptionAvailable()) return undefined;
    try {
      return this.#ports.safeStorage.decryptString(Buffer.from(sealed, 'base64'));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#ports.logger().warn({ component: 'shell' }, 'the keychain did not open a secret');
      return undefined;
    }
  }
}
