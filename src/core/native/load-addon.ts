/**
 * The only loader of the native addon.
 *
 * Vocabulary: an *attempt* is one place where the compiled addon may lie. The loader works from the source tree, where
 * this file is two folders below `src`, and from the bundle in `dist`.
 *
 * Invariants: the version of Node is checked before any native code is loaded, since an addon that does not fit can end
 * the process; an addon of another contract is refused; a failure lists every attempt and the remedy.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { Failure } from '../../shared/errors.ts';
import type { Addon } from './addon.ts';

/** `Addon.contract` that this tree was written for. */
export const contractVersion = 6;

/** The oldest Node that runs us (interfaces, section 1). */
const oldestNode = { major: 22, minor: 12 } as const;

const remedy = 'Run `npm run setup`, which compiles it.';
const compiledPath = 'native/build/Release/cyberbackup.node';
/** How far up from this file the project's folder can be. */
const deepestLevel = 5;

/** What a loader needs from its surroundings; tests pass their own. */
export interface LoadSurroundings {
  readonly nodeVersion: string;
  readonly candidates: readonly string[];
  readonly exists: (file: string) => boolean;
  readonly load: (file: string) => unknown;
}

function candidatesAround(file: string): string[] {
  const candidates: string[] = [];
  let folder = path.dirname(file);
  for (let level = 0; level < deepestLevel; level += 1) {
    candidates.push(path.join(folder, compiledPath));
    folder = path.dirname(folder);
  }
  return candidates;
}

function realSurroundings(): LoadSurroundings {
  return {
    nodeVersion: process.versions.node,
    candidates: candidatesAround(fileURLToPath(import.meta.url)),
    exists: existsSync,
    load: createRequire(import.meta.url),
  };
}

function requireNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > oldestNode.major || (major === oldestNode.major && minor >= oldestNode.minor)) return;
  throw new Failure('NATIVE_MISSING', {
    what: `CyberBackup needs Node ${oldestNode.major}.${oldestNode.minor} or newer, this is Node ${version}`,
    next: 'Start it with bin/cyberbackup, which prefers the Node that the project carries.',
  });
}

function isAddon(value: unknown): value is Addon {
  return typeof value === 'object' && value !== null && 'contract' in value;
}

/** Loads the addon without caching. Throws `NATIVE_MISSING`. */
export function loadAddonFrom(surroundings: LoadSurroundings): Addon {
  requireNode(surroundings.nodeVersion);
  const attempts: string[] = [];
  for (const candidate of surroundings.candidates) {
    if (!surroundings.exists(candidate)) {
      attempts.push(`${candidate}: not there`);
      continue;
    }
    try {
      const addon = surroundings.load(candidate);
      if (isAddon(addon) && addon.contract === contractVersion) return addon;
      const found = isAddon(addon) ? String(addon.contract) : 'none';
      attempts.push(`${candidate}: has contract ${found}, ${contractVersion} is needed`);
    } catch (error) {
      attempts.push(`${candidate}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Failure('NATIVE_MISSING', { what: `the native engine cannot be loaded (${attempts.join('; ')})`, next: remedy });
}

let loaded: Addon | undefined;

/** The native addon, loaded once. Throws `NATIVE_MISSING` with every attempt and the remedy. */
export function loadAddon(): Addon {
  loaded ??= loadAddonFrom(realSurroundings());
  return loaded;
}
