/** What makes packages, held against electron-builder's own schema and against the tree, since no package can be built everywhere. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { freePort } from '../test/support/free-port.ts';
import { temporaryFolder } from '../test/support/temporary-folder.ts';
import { packServer, packagesOf } from './pack-server.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = temporaryFolder('pack');
const need = createRequire(import.meta.url);
const builder = createRequire(need.resolve('electron-builder/package.json'));
const library = createRequire(builder.resolve('app-builder-lib/package.json'));
const yaml = library('js-yaml') as { load(text: string): unknown };

interface Configuration {
  readonly files: readonly string[];
  readonly asarUnpack: readonly string[];
  readonly electronFuses: Readonly<Record<string, boolean>>;
  readonly publish: null;
  readonly [key: string]: unknown;
}
const configuration = yaml.load(readFileSync(path.join(root, 'electron-builder.yml'), 'utf8')) as Configuration;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the configuration of packages', () => {
  it('fits the schema of electron-builder', async () => {
    const { validateConfiguration } = library('./out/util/config/config.js') as { readonly validateConfiguration: (configuration: unknown, logger: unknown) => Promise<void> };
    await validateConfiguration(configuration, { isEnabled: false, add: () => undefined });
    await expect(validateConfiguration({ ...configuration, asarr: true }, { isEnabled: false, add: () => undefined })).rejects.toThrow(/asarr/);
  });

  it('packs what the program needs, the addon outside of the archive', () => {
    for (const place of ['dist/**', 'native/build/Release/cyberbackup.node', 'resources/icon.png', 'resources/tray/*.png', 'package.json']) expect(configuration.files).toContain(place);
    expect(configuration.asarUnpack).toContain('**/*.node');
    const { main } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { main: string };
    expect(main).toBe('dist/main/index.js');
  });

  it('turns off what would make Node of the program', () => {
    expect(configuration.electronFuses).toMatchObject({ runAsNode: false, enableNodeOptionsEnvironmentVariable: false, enableNodeCliInspectArguments: false, onlyLoadAppFromAsar: true, enableEmbeddedAsarIntegrityValidation: true });
  });

  it('makes the packages of the three systems, and updates from nowhere', () => {
    expect(configuration).toMatchObject({ linux: { target: ['AppImage', 'deb'] }, mac: { target: [{ target: 'dmg', arch: ['universal'] }] }, win: { target: ['nsis'] }, publish: null });
  });
});

describe('the pictures', () => {
  const sizeOf = (file: string): number => readFileSync(file).readUInt32BE(16);

  it('of the tray are there for each state and bar, small, in both densities', () => {
    for (const mood of ['idle', 'running', 'paused', 'attention', 'error']) {
      expect(existsSync(path.join(root, 'resources/tray', `${mood}.svg`))).toBe(true);
      for (const bar of ['-light', '-dark', 'Template']) {
        const file = path.join(root, 'resources/tray', `${mood}${bar}`);
        expect([sizeOf(`${file}.png`), sizeOf(`${file}@2x.png`)]).toEqual([20, 40]);
        expect(statSync(`${file}@2x.png`).size).toBeLessThan(4096);
      }
    }
    expect(sizeOf(path.join(root, 'resources/icon.png'))).toBe(512);
  });
});

describe('the workflow', () => {
  const text = readFileSync(path.join(root, '.github/workflows/desktop.yml'), 'utf8');
  const workflow = yaml.load(text) as { permissions: object; jobs: Record<string, { needs?: string; steps: readonly { run?: string; env?: object }[] }> };

  it('tests on the three systems before it packs, and reads only', () => {
    expect(text).toMatch(/ubuntu-\d/);
    expect(text).toMatch(/macos-\d/);
    expect(text).toMatch(/windows-\d/);
    expect(workflow.permissions).toEqual({ contents: 'read' });
    expect([workflow.jobs['package']?.needs, workflow.jobs['release']?.needs]).toEqual(['test', 'package']);
  });

  it('lets no double stand in for Electron', () => {
    for (const { run, env } of workflow.jobs['test']?.steps ?? []) if (run?.includes('test:e2e') === true) expect(env).toEqual({ CYBERBACKUP_TRUE_ELECTRON: '1' });
    expect(workflow.jobs['test']?.steps.filter(({ run }) => run?.includes('test:e2e') === true)).toHaveLength(2);
  });

  it('runs only scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    const lines = Object.values(workflow.jobs).flatMap(({ steps }) => steps.map(({ run }) => run ?? ''));
    for (const [, name] of lines.join('\n').matchAll(/npm run ([\w:]+)/g)) expect(scripts).toHaveProperty(name ?? '');
    for (const [, file] of lines.join('\n').matchAll(/node (scripts\/\S+)/g)) expect(existsSync(path.join(root, file ?? ''))).toBe(true);
  });
});

describe('the archive of the server', () => {
  it('holds every package that its packages need', () => {
    const packages = packagesOf(['fastify']);
    expect(packages).toContain(path.join('node_modules', 'fastify'));
    expect(packages).toContain(path.join('node_modules', 'avvio'));
  });

  it.skipIf(process.platform === 'win32')('runs away from the project', async () => {
    const archive = packServer(folder);
    expect(spawnSync('tar', ['-xzf', archive, '-C', folder]).status).toBe(0);
    const port = await freePort();
    const program = path.join(folder, 'cyberbackup-server', 'bin', 'cyberbackup');
    expect(existsSync(path.join(folder, 'cyberbackup-server/resources/server/cyberbackup-server.service'))).toBe(true);
    const server = spawn(program, ['--server', '--listen', `127.0.0.1:${port}`, '--data', path.join(folder, 'data'), '--no-auth'], { env: { PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin`, HOME: folder }, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    server.stderr.setEncoding('utf8').on('data', (piece: string) => (said += piece));
    const ended = new Promise<number | null>((resolve) => void server.once('close', (code) => resolve(code)));
    try {
      await expect.poll(async () => (await fetch(`http://127.0.0.1:${port}/health`, { headers: { Connection: 'close' } }).catch(() => undefined))?.status, { timeout: 30_000, message: said }).toBe(200);
    } finally {
      server.kill('SIGTERM');
    }
    expect(await ended).toBe(0);
  });
});
