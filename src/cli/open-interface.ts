/**
 * Opens the interface in the person's browser, without the long-lived token (docs/decisions/0008).
 *
 * The address carries a login code behind `#`, which browsers keep to themselves. Other users of the machine can read
 * the arguments of processes, so the browser is given the name of a file that only this user may read, and that leads on.
 */
import { spawn } from 'node:child_process';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CliContext } from './context.ts';

/** Never throws for a browser that cannot be started: the message says where to go instead. */
export async function openInterface({ home, env, terminal }: CliContext, url: string, loginCode: string): Promise<void> {
  const address = `${url}/#login=${loginCode}`;
  const [program, ...args] = opener(process.platform);
  const page = join(home.configuration, 'open.html');
  await writePage(page, address);
  if (hasDisplay(env, process.platform) && (await started(program, [...args, pathToFileURL(page).href]))) {
    terminal.message(`The interface opens in your browser: ${url}/`);
    return;
  }
  // A log of the system must not get the code; a terminal is the person's own.
  terminal.message(terminal.live ? `No browser can be opened here. Within a minute, open ${address}` : `No browser can be opened here: ${url}/`);
}

async function writePage(path: string, address: string): Promise<void> {
  const page = `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0; url=${address}"><title>CyberBackup</title>\n`;
  await writeFile(`${path}.new`, page, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

function opener(platform: NodeJS.Platform): [program: string, ...args: string[]] {
  if (platform === 'darwin') return ['open'];
  return platform === 'win32' ? ['rundll32', 'url.dll,FileProtocolHandler'] : ['xdg-open'];
}

export function hasDisplay(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean {
  return platform === 'win32' || platform === 'darwin' || [env['DISPLAY'], env['WAYLAND_DISPLAY']].some((display) => display !== undefined && display !== '');
}

function started(program: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true, windowsHide: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
