/** `cyberbackup` without a command: whether the window can open. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CliWorld } from '../testing/cli-process.ts';
import { desktopProblem, electronProgram } from './open.ts';

const world = new CliWorld();

afterAll(() => world.dispose());

describe('the window', () => {
  it('opens where the program, the build and a display are', () => {
    expect(desktopProblem('/electron', true, true)).toBeUndefined();
    expect(desktopProblem(undefined, true, true)).toMatch(/Electron/);
    expect(desktopProblem('/electron', false, true)).toMatch(/npm run build/);
    expect(desktopProblem('/electron', true, false)).toMatch(/display/);
  });

  it('needs a program that is really there', () => {
    const root = world.makeFolder('project');
    const folder = join(root, 'node_modules', 'electron');
    expect(electronProgram(root)).toBeUndefined();
    mkdirSync(join(folder, 'dist'), { recursive: true });
    writeFileSync(join(folder, 'path.txt'), 'electron');
    expect(electronProgram(root)).toBeUndefined();
    writeFileSync(join(folder, 'dist', 'electron'), '');
    expect(electronProgram(root)).toBe(join(folder, 'dist', 'electron'));
  });
});
