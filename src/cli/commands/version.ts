/** `version`: what this program is and what it reads and writes. Works without the native addon, and then says so. */
import type { Command } from 'commander';
import { loadAddon } from '../../core/native/load-addon.ts';
import { Failure } from '../../shared/errors.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';

/** Repository format versions that are read and written (specification section 4). */
const repositoryVersions = [1, 2] as const;
const resticSince = '0.14';

export const versionCommand: CommandModule = {
  examples: [{ does: 'For a bug report', line: 'cyberbackup version' }],
  configure(command: Command, act: Act) {
    command.action(act(showVersion));
  },
};

async function showVersion({ options, terminal, programVersion }: CliContext): Promise<undefined> {
  const addon = describeAddon();
  if (options.json) {
    terminal.json({
      version: programVersion,
      repository_versions: repositoryVersions,
      node: process.versions.node,
      native_contract: addon.contract ?? null,
      platform: process.platform,
      arch: process.arch,
    });
    return undefined;
  }
  const { style } = terminal;
  const rows: [string, string][] = [
    ['repository format', `versions ${repositoryVersions.join(' and ')}; restic ${resticSince} and newer read and write the same repositories`],
    ['native engine', addon.text],
    ['node', process.versions.node],
    ['system', `${process.platform} ${process.arch}`],
  ];
  terminal.line(`${style.bold('cyberbackup')} ${programVersion}`);
  terminal.lines(rows.map(([name, value]) => `  ${style.dim(name.padEnd(18))} ${value}`));
  return undefined;
}

function describeAddon(): { readonly contract?: number; readonly text: string } {
  try {
    const { contract } = loadAddon();
    return { contract, text: `contract ${contract}` };
  } catch (error) {
    if (error instanceof Failure && error.code === 'NATIVE_MISSING') return { text: 'missing; run "npm run setup"' };
    throw error;
  }
}
