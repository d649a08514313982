import { describe, expect, it } from 'vitest';

import { contractVersion, loadAddon, loadAddonFrom, type LoadSurroundings } from './load-addon.ts';
import { Failure } from '../../shared/errors.ts';

const surroundings: LoadSurroundings = {
  nodeVersion: '24.21.0',
  candidates: ['/a/one.node', '/a/two.node', '/a/three.node'],
  exists: () => true,
  load: () => ({ contract: contractVersion }),
};

function failureOf(run: () => unknown): Failure {
  try {
    run();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the loader of the addon', () => {
  it('loads the compiled addon once', () => {
    const addon = loadAddon();
    expect(addon.contract).toBe(contractVersion);
    expect(loadAddon()).toBe(addon);
  });

  it.each(['20.19.0', '22.11.9', '18.0.0'])('refuses Node %s before it touches native code', (nodeVersion) => {
    const failure = failureOf(() =>
      loadAddonFrom({
        ...surroundings,
        nodeVersion,
        load: () => {
          throw new Error('loaded');
        },
      }),
    );
    expect(failure.code).toBe('NATIVE_MISSING');
    expect(failure.message).toContain(nodeVersion);
  });

  it.each(['22.12.0', '23.0.0', '24.21.0'])('accepts Node %s', (nodeVersion) => {
    expect(loadAddonFrom({ ...surroundings, nodeVersion }).contract).toBe(contractVersion);
  });

  it('names every attempt and the remedy', () => {
    const failure = failureOf(() =>
      loadAddonFrom({
        ...surroundings,
        exists: (file) => file !== '/a/one.node',
        load: (file) => {
          if (file === '/a/two.node') throw new Error('wrong ELF class');
          return { contract: contractVersion + 1 };
        },
      }),
    );
    expect(failure.code).toBe('NATIVE_MISSING');
    expect(failure.message).toContain('/a/one.node: not there');
    expect(failure.message).toContain('/a/two.node: wrong ELF class');
    expect(failure.message).toContain(`/a/three.node: has contract ${contractVersion + 1}`);
    expect(failure.message).toContain('npm run setup');
  });
});
