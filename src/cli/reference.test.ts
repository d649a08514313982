/** docs/cli.md names every option of the program and no other; its section "All options" is made of the definitions. */
import { readFileSync } from 'node:fs';
import { Command, type Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { commandTable } from './command-table.ts';
import { addGlobalOptions } from './global-options.ts';

const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
const title = '## All options\n';

function row({ flags, description, argChoices, defaultValue }: Option): string {
  const choices = argChoices === undefined ? '' : `: ${argChoices.map((choice) => `\`${choice}\``).join(', ')}`;
  // What is on unless `--no-…` is given has the default `true`, which says nothing.
  const preset = typeof defaultValue === 'string' || typeof defaultValue === 'number' ? ` (default ${defaultValue})` : '';
  return `| \`${flags}\` | ${description.replaceAll(/[*|]/g, '\\$&')}${choices}${preset} |`;
}

function tableOf(heading: string, { options }: Command): string {
  if (options.length === 0) return '';
  return [`### ${heading}`, '', '| option | |', '| --- | --- |', ...options.map(row)].join('\n');
}

/** The tables of a command and of its subcommands. */
function tablesOf(command: Command, path: string): string[] {
  return [tableOf(`\`${path}\``, command), ...command.commands.flatMap((subcommand) => tablesOf(subcommand, `${path} ${subcommand.name()}`))];
}

async function section(): Promise<string> {
  const program = new Command();
  addGlobalOptions(program);
  const tables = [tableOf('Every command', program)];
  for (const entry of commandTable) {
    const command = new Command(entry.name);
    (await entry.load()).configure(command, () => () => Promise.resolve());
    tables.push(...tablesOf(command, entry.name));
  }
  return tables.filter((table) => table !== '').join('\n\n');
}

describe('docs/cli.md', () => {
  it('has every option in its last section, word for word', async () => {
    const start = page.indexOf(title);
    expect(start).toBeGreaterThan(0);
    expect(page.slice(start + title.length).trim()).toBe(await section());
  });

  it('names no option elsewhere that there is not', async () => {
    const known = new Set((await section()).match(/--[a-z][a-z-]*/g));
    const others = ['--server', '--help'];
    const named = page.slice(0, page.indexOf(title)).match(/(?<![\w-])--[a-z][a-z-]*/g) ?? [];
    expect(named.filter((name) => !known.has(name) && !others.includes(name))).toEqual([]);
  });

  it('names the variables that are read', () => {
    const names = ['REPOSITORY', 'PASSWORD', 'PASSWORD_FILE', 'PASSWORD_COMMAND', 'HOME', 'REST_USERNAME', 'REST_PASSWORD', 'CACERT', 'TLS_FINGERPRINT', 'FROM_REPOSITORY', 'FROM_PASSWORD', 'NEW_PASSWORD'];
    for (const name of names) expect(page).toContain(`\`CYBERBACKUP_${name}\``);
    for (const name of ['REPOSITORY', 'PASSWORD', 'REST_USERNAME', 'REST_PASSWORD', 'CACERT']) expect(page).toContain(`\`RESTIC_${name}\``);
  });
});
