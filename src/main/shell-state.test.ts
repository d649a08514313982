import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { ShellStateFile, placeWindow } from './shell-state.ts';

const folder = temporaryFolder('shell-state');
const screen = { x: 0, y: 0, width: 1920, height: 1080 };

afterAll(() => rmSync(folder, { recursive: true }));

const refused = (error: Error): void => {
  throw error;
};

describe('the state of the shell', () => {
  it('is kept between starts', () => {
    const path = join(folder, 'kept.json');
    new ShellStateFile(path).change({ theme: 'dark', bounds: { x: 1, y: 2, width: 900, height: 700 } }, refused);
    expect(new ShellStateFile(path).state).toMatchObject({ theme: 'dark', bounds: { x: 1, width: 900 }, maximized: false });
  });

  it.each(['', '{', '[]', '{"theme":"pink","maximized":"yes","bounds":{"x":"left"},"secretsInFile":1}'])('%j is none, and does no harm', (text) => {
    const path = join(folder, 'bad.json');
    writeFileSync(path, text);
    expect(new ShellStateFile(path).state).toMatchObject({ theme: 'system', maximized: false });
  });

  it('that the disk refuses holds until the end', () => {
    const file = new ShellStateFile(join(folder, 'missing', 'state.json'));
    const problems: Error[] = [];
    file.change({ theme: 'light' }, (error) => problems.push(error));
    expect(problems).toHaveLength(1);
    expect(file.state.theme).toBe('light');
  });

  it('keeps what a change does not name', () => {
    const path = join(folder, 'both.json');
    const file = new ShellStateFile(path);
    file.change({ theme: 'dark' }, refused);
    file.change({ secretsInFile: false }, refused);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ theme: 'dark', secretsInFile: false });
  });
});

describe('the place of the window', () => {
  it('is where it was', () => {
    expect(placeWindow({ x: 100, y: 50, width: 1000, height: 700 }, [screen])).toEqual({ x: 100, y: 50, width: 1000, height: 700 });
  });

  it.each([
    ['nothing is known', undefined],
    ['its screen is gone', { x: 3000, y: 0, width: 1000, height: 700 }],
    ['only a corner would be seen', { x: 1900, y: 1000, width: 1000, height: 700 }],
    ['its title bar would be above the screen', { x: 100, y: -300, width: 1000, height: 700 }],
  ])('is the usual one where %s', (_, bounds) => {
    expect(placeWindow(bounds, [screen])).toEqual({ width: 1200, height: 800 });
  });

  it('is no larger than the screen and no smaller than the smallest', () => {
    expect(placeWindow({ x: 0, y: 0, width: 5000, height: 4000 }, [screen])).toMatchObject({ width: 1920, height: 1080 });
    expect(placeWindow({ x: 0, y: 0, width: 300, height: 200 }, [screen])).toMatchObject({ width: 880, height: 600 });
  });
});
