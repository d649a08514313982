/** Where the interface runs: true Electron, its double, or a browser in front of the agent without a window. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron } from '@playwright/test';
import type { BrowserContext, Page } from '@playwright/test';
import type { Client } from '../../src/shared/contract/client.ts';
import { freePort } from '../../test/support/free-port.ts';
import { DoubleDesktop } from './double-desktop.ts';
import type { World } from './world.ts';

export type HostName = 'desktop' | 'browser';

export interface OpenApp {
  readonly page: Page;
  readonly client: Client;
  /** Only in the double, which can be asked about tray, menus and dialogs. */
  readonly desktop?: DoubleDesktop;
  close(): Promise<void>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const electronFolder = join(root, 'node_modules/electron');

/** Undefined: the double takes its place, unless CYBERBACKUP_TRUE_ELECTRON forbids it. */
export function electronProgram(): string | undefined {
  const name = join(electronFolder, 'path.txt');
  const program = existsSync(name) ? join(electronFolder, 'dist', readFileSync(name, 'utf8')) : undefined;
  if (program !== undefined && existsSync(program)) return program;
  if (process.env['CYBERBACKUP_TRUE_ELECTRON'] === '1') throw new Error("Electron's program is missing, and the double may not take its place");
  return undefined;
}

function environment(world: World, more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PATH, LANG, DISPLAY, XAUTHORITY, WAYLAND_DISPLAY, XDG_RUNTIME_DIR } = process.env;
  return { PATH, LANG, DISPLAY, XAUTHORITY, WAYLAND_DISPLAY, XDG_RUNTIME_DIR, HOME: world.folder, XDG_CONFIG_HOME: world.path('config'), ...more };
}

/** The interface has taken the place of the window's first frame: until then nobody follows links. */
async function whenItStands(page: Page): Promise<Page> {
  await page.locator('.first-frame').waitFor({ state: 'detached' });
  return page;
}

export async function openDesktop(world: World, context: BrowserContext, { args = [], env = {} }: { readonly args?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {}): Promise<OpenApp> {
  const program = electronProgram();
  const all = ['--home', world.home, ...args];
  if (program !== undefined) {
    const electron = await _electron.launch({ executablePath: program, args: [root, ...all], env: environment(world, env) as Record<string, string> });
    const page = await whenItStands(await electron.firstWindow());
    const client = await world.client();
    await world.separateServer(client);
    return { page, client, close: () => electron.close() };
  }
  const desktop = startDouble(world, context, { args, env });
  const page = await whenItStands(await desktop.window());
  const client = await world.client();
  await world.separateServer(client);
  return { page, client, desktop, close: () => desktop.close() };
}

/** Without waiting for a window. */
export function startDouble(world: World, context: BrowserContext, { args = [], env = {} }: { readonly args?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {}): DoubleDesktop {
  return new DoubleDesktop({ context, args: ['--home', world.home, ...args], env: environment(world, env) });
}

export async function openBrowser(world: World, context: BrowserContext): Promise<OpenApp> {
  const program = join(root, 'dist/cli.js');
  const agent = spawn(process.execPath, [program, 'agent', '--home', world.home, '--listen', `127.0.0.1:${await freePort()}`], { env: environment(world, {}), stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  agent.stderr.setEncoding('utf8').on('data', (piece: string) => (said += piece));
  const exited = new Promise<void>((resolve) => void agent.once('close', () => resolve()));
  const client = await world.client().catch((error: unknown) => {
    throw new Error(`The agent did not start:\n${said}`, { cause: error });
  });
  await world.separateServer(client);
  const { url } = JSON.parse(readFileSync(join(world.home, 'agent.json'), 'utf8')) as { url: string };
  const token = readFileSync(join(world.home, 'api-token'), 'utf8').trim();
  const answer = await fetch(`${url}/api/login_code`, { method: 'POST', headers: { Authorization: `Bearer ${token}` } });
  const { code } = (await answer.json()) as { code: string };
  const page = await context.newPage();
  await page.goto(`${url}/#login=${code}`);
  await whenItStands(page);
  return {
    page,
    client,
    async close() {
      agent.kill('SIGTERM');
      await exited;
    },
  };
}
