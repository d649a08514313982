/** How help looks: commander's text of a command in our style, followed by examples; and the overview of all commands. */
import type { Command } from 'commander';
import { commandTable, type CommandEntry, type Example } from './command-table.ts';
import { padEnd, stringWidth } from './output/text-width.ts';
import type { Terminal } from './terminal.ts';

export interface HelpOptions {
  readonly examples?: readonly Example[];
  /** Show the global options, most of which are about the repository. */
  readonly usesRepository?: boolean;
}

export function configureHelp(command: Command, terminal: Terminal, { examples = [], usesRepository = true }: HelpOptions = {}): void {
  const { style } = terminal;
  command
    .configureOutput({
      writeOut: (text) => terminal.write(text),
      // Usage errors become one line of ours, written where all failures are.
      writeErr: () => undefined,
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(terminal.columns, 110),
      getOutHasColors: () => terminal.interactive,
    })
    .configureHelp({
      showGlobalOptions: usesRepository,
      styleTitle: (text) => style.bold(text),
      styleOptionText: (text) => style.cyan(text),
      styleArgumentText: (text) => style.cyan(text),
      styleSubcommandText: (text) => style.cyan(text),
    })
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', () => exampleText(terminal, examples));
}

function exampleText(terminal: Terminal, examples: readonly Example[]): string {
  if (examples.length === 0) return '';
  const lines = examples.flatMap(({ does, line }) => ['', `  ${terminal.style.dim(does)}`, `    ${line}`]);
  return `\n${terminal.style.bold('Examples:')}${lines.join('\n').replace(/^\n/, '\n')}`;
}

/** The page of `cyberbackup help`. */
export function overview(terminal: Terminal, version: string): string[] {
  const { style } = terminal;
  const width = Math.max(...commandTable.map(({ name }) => stringWidth(name))) + 3;
  const groups = [...new Set(commandTable.map(({ group }) => group))];
  const section = (group: CommandEntry['group']): string[] => [
    '',
    style.bold(group),
    ...commandTable.filter((entry) => entry.group === group).map(({ name, summary }) => `  ${style.cyan(padEnd(name, width))}${summary}`),
  ];
  return [
    `${style.bold('CyberBackup')} ${version}: encrypted backups that restic can read, too.`,
    '',
    `${style.bold('Usage:')} cyberbackup COMMAND [options]`,
    ...groups.flatMap(section),
    '',
    style.bold('Start here'),
    `  cyberbackup backup ~/Documents        ${style.dim('# into a repository on this machine, made on first use')}`,
    `  cyberbackup snapshots                 ${style.dim('# what is saved')}`,
    `  cyberbackup restore latest --target ~/restored`,
    `  cyberbackup demo                      ${style.dim('# see everything at work in a temporary folder')}`,
    '',
    `"cyberbackup help COMMAND" explains a command and its options.`,
  ];
}
