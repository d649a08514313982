/** bin/cyberbackup: finds a Node that is new enough, or says in one line what is needed. */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeVersionProblem } from './node-version.ts';
import { CliWorld } from './testing/cli-process.ts';

const launcher = fileURLToPath(new URL('../../bin/cyberbackup', import.meta.url));
const world = new CliWorld();

afterAll(() => world.dispose());

/** A project folder with the launcher, a program that prints its arguments, and a fake Node of a version on the path. */
function projectWithNode(name: string, version: string): { readonly launcher: string; readonly env: NodeJS.ProcessEnv } {
  const root = world.path(name);
  for (const folder of ['bin', 'dist', 'path']) mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(launcher, join(root, 'bin', 'cyberbackup'));
  writeFileSync(join(root, 'dist', 'cli.js'), '');
  const node = join(root, 'path', 'node');
  writeFileSync(node, `#!/bin/sh\nif [ "$1" = --version ]; then echo ${version}; else printf '%s|' "$@"; fi\n`);
  chmodSync(node, 0o755);
  return { launcher: join(root, 'bin', 'cyberbackup'), env: { PATH: [join(root, 'path'), '/usr/bin', '/bin'].join(delimiter) } };
}

describe.runIf(process.platform !== 'win32')('the launcher', () => {
  it.each(['v20.20.2', 'v22.11.0', 'v18.0.0', 'garbage'])('refuses Node %s in one line', (version) => {
    const project = projectWithNode(`old-${version}`, version);
    const outcome = spawnSync(project.launcher, ['backup'], { env: project.env, encoding: 'utf8' });
    expect(outcome.status).toBe(1);
    expect(outcome.stdout).toBe('');
    expect(outcome.stderr).toMatch(/^cyberbackup: [^\n]*Node 22\.12 or newer is needed[^\n]*npm run setup[^\n]*\n$/);
  });

  it.each(['v22.12.0', 'v24.0.0', 'v30.1.2'])('runs the bundle with Node %s and hands every argument on', (version) => {
    const project = projectWithNode(`new-${version}`, version);
    const outcome = spawnSync(project.launcher, ['backup', 'a b', '*', ''], { env: project.env, encoding: 'utf8' });
    expect(outcome.stderr).toBe('');
    expect(outcome.stdout).toBe(`--max-semi-space-size=4|${join(world.path(`new-${version}`), 'dist', 'cli.js')}|backup|a b|*||`);
  });

  it('finds its project through links, and prefers the Node of the project', () => {
    const link = world.path('cyberbackup');
    symlinkSync(launcher, link);
    const outcome = spawnSync(link, ['version', '--json'], { env: world.environment({ PATH: '/usr/bin:/bin' }), encoding: 'utf8' });
    expect(outcome.stderr).toBe('');
    expect(JSON.parse(outcome.stdout)).toMatchObject({ node: process.versions.node });
  });
});

describe('the version of Node', () => {
  it.each(['22.12.0', '22.20.1', '24.0.0'])('%s is new enough', (version) => {
    expect(nodeVersionProblem(version)).toBeUndefined();
  });

  it.each(['22.11.9', '20.20.2', '9.0.0'])('%s is not', (version) => {
    expect(nodeVersionProblem(version)).toContain('22.12');
  });
});
