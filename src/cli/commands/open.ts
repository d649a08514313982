/**
 * `cyberbackup` alone: the desktop application, in Electron where that can be, else the same interface in the browser.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { hasDisplay } from '../open-interface.ts';
import { openAgent } from './agent.ts';

export const openCommand: CommandModule = {
  examples: [{ does: 'The window, or the same in the browser', line: 'cyberbackup' }],
  configure(command: Command, act: Act) {
    command.action(act(open));
  },
};

async function open(context: CliContext): Promise<number> {
  const { env, options, terminal } = context;
  const root = projectRoot(dirname(fileURLToPath(import.meta.url)));
  const program = electronProgram(root);
  const problem = desktopProblem(program, existsSync(join(root, 'dist', 'main', 'index.js')), hasDisplay(env, process.platform));
  if (program === undefined || problem !== undefined) {
    terminal.message(`${problem ?? ''} The same interface opens in the browser.`);
    return await openAgent(context, { open: true }, true);
  }
  await started(program, [root, ...(options.home === undefined ? [] : ['--home', options.home])], env);
  return 0;
}

/** Why the window cannot open here; undefined where it can. */
export function desktopProblem(program: string | undefined, isBuilt: boolean, display: boolean): string | undefined {
  if (program === undefined) return "Electron's program is missing here, which the window needs.";
  if (!isBuilt) return 'The desktop was not built, which "npm run build" does.';
  return display ? undefined : 'There is no display here for a window.';
}

/** Where the package put Electron's program; its install script may not have been able to fetch it. */
export function electronProgram(root: string): string | undefined {
  const folder = join(root, 'node_modules', 'electron');
  const name = join(folder, 'path.txt');
  if (!existsSync(name)) return undefined;
  const program = join(folder, 'dist', readFileSync(name, 'utf8').trim());
  return existsSync(program) ? program : undefined;
}

/** The window lives on when the terminal closes. */
async function started(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: 'ignore', detached: true });
    child.once('error', reject);
    child.once('spawn', () => {
      child.unref();
      resolve();
    });
  });
}

function projectRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new TypeError('The folder of the program was not found');
  return projectRoot(parent);
}
