/**
 * Every command with its summary and the module that holds it. Modules are loaded on demand: the program starts fast
 * because it loads only the command that runs.
 */
import type { Command } from 'commander';
import { Failure } from '../shared/errors.ts';
import type { CliContext } from './context.ts';

/** Does the work; resolves with the exit code, nothing meaning 0. */
export type CommandBody = (context: CliContext, command: Command) => Promise<number | undefined>;
/** Wraps a body into what `Command.action` takes. */
export type Act = (body: CommandBody) => (...parameters: unknown[]) => Promise<void>;

export interface Example {
  readonly does: string;
  readonly line: string;
}

export interface CommandModule {
  readonly examples: readonly Example[];
  /** Adds arguments, options and the action to the command. */
  configure(command: Command, act: Act): void;
}

export interface CommandEntry {
  readonly name: string;
  readonly group: 'Back up and restore' | 'Look after a repository' | 'The agent' | 'Server and more';
  readonly summary: string;
  load(): Promise<CommandModule>;
}

export const commandTable: readonly CommandEntry[] = [
  {
    name: 'backup',
    group: 'Back up and restore',
    summary: 'Save files and folders as a new snapshot',
    load: async () => (await import('./commands/backup.ts')).backupCommand,
  },
  {
    name: 'restore',
    group: 'Back up and restore',
    summary: 'Bring files of a snapshot back',
    load: async () => (await import('./commands/restore.ts')).restoreCommand,
  },
  {
    name: 'snapshots',
    group: 'Back up and restore',
    summary: 'List the snapshots of a repository',
    load: async () => (await import('./commands/snapshots.ts')).snapshotsCommand,
  },
  {
    name: 'ls',
    group: 'Back up and restore',
    summary: 'List the files of a snapshot',
    load: async () => (await import('./commands/ls.ts')).lsCommand,
  },
  {
    name: 'dump',
    group: 'Back up and restore',
    summary: 'Write a file of a snapshot, or a folder as an archive, to standard output',
    load: async () => (await import('./commands/dump.ts')).dumpCommand,
  },
  {
    name: 'diff',
    group: 'Back up and restore',
    summary: 'Show what changed between two snapshots',
    load: async () => (await import('./commands/diff.ts')).diffCommand,
  },
  {
    name: 'find',
    group: 'Back up and restore',
    summary: 'Find files by name, size or time, in all snapshots',
    load: async () => (await import('./commands/find.ts')).findCommand,
  },
  {
    name: 'versions',
    group: 'Back up and restore',
    summary: 'Show every version of a file, over all snapshots',
    load: async () => (await import('./commands/versions.ts')).versionsCommand,
  },
  {
    name: 'init',
    group: 'Look after a repository',
    summary: 'Create a repository',
    load: async () => (await import('./commands/init.ts')).initCommand,
  },
  {
    name: 'check',
    group: 'Look after a repository',
    summary: 'Prove that everything can be restored',
    load: async () => (await import('./commands/check.ts')).checkCommand,
  },
  {
    name: 'stats',
    group: 'Look after a repository',
    summary: 'Show what a repository holds and how much it saves',
    load: async () => (await import('./commands/stats.ts')).statsCommand,
  },
  {
    name: 'cat',
    group: 'Look after a repository',
    summary: 'Print an object of the repository as it is stored',
    load: async () => (await import('./commands/cat.ts')).catCommand,
  },
  {
    name: 'list',
    group: 'Look after a repository',
    summary: 'List the names of objects of a kind',
    load: async () => (await import('./commands/list.ts')).listCommand,
  },
  {
    name: 'rewrite',
    group: 'Look after a repository',
    summary: 'Take paths out of snapshots that exist',
    load: async () => (await import('./commands/rewrite.ts')).rewriteCommand,
  },
  {
    name: 'copy',
    group: 'Look after a repository',
    summary: 'Copy snapshots from another repository',
    load: async () => (await import('./commands/copy.ts')).copyCommand,
  },
  {
    name: 'repair',
    group: 'Look after a repository',
    summary: 'Bring back what can be brought back',
    load: async () => (await import('./commands/repair.ts')).repairCommand,
  },
  {
    name: 'recover',
    group: 'Look after a repository',
    summary: 'Make a snapshot of folders that no snapshot leads to',
    load: async () => (await import('./commands/recover.ts')).recoverCommand,
  },
  {
    name: 'forget',
    group: 'Look after a repository',
    summary: 'Remove snapshots by rules or by id',
    load: async () => (await import('./commands/forget.ts')).forgetCommand,
  },
  {
    name: 'pin',
    group: 'Look after a repository',
    summary: 'Protect snapshots from being forgotten',
    load: async () => (await import('./commands/pin.ts')).pinCommand,
  },
  {
    name: 'unpin',
    group: 'Look after a repository',
    summary: 'Let snapshots be forgotten again',
    load: async () => (await import('./commands/unpin.ts')).unpinCommand,
  },
  {
    name: 'tag',
    group: 'Look after a repository',
    summary: 'Change the tags of snapshots',
    load: async () => (await import('./commands/tag.ts')).tagCommand,
  },
  {
    name: 'key',
    group: 'Look after a repository',
    summary: 'List, add, remove and change passwords',
    load: async () => (await import('./commands/key.ts')).keyCommand,
  },
  {
    name: 'prune',
    group: 'Look after a repository',
    summary: 'Remove what no snapshot needs any more',
    load: async () => (await import('./commands/prune.ts')).pruneCommand,
  },
  {
    name: 'unlock',
    group: 'Look after a repository',
    summary: 'Remove locks that ended programs left behind',
    load: async () => (await import('./commands/unlock.ts')).unlockCommand,
  },
  {
    name: 'agent',
    group: 'The agent',
    summary: 'Run jobs and plans, and serve the local API',
    load: async () => (await import('./commands/agent.ts')).agentCommand,
  },
  {
    name: 'jobs',
    group: 'The agent',
    summary: 'List the jobs of the agent',
    load: async () => (await import('./commands/jobs.ts')).jobsCommand,
  },
  {
    name: 'cancel',
    group: 'The agent',
    summary: 'Cancel a job',
    load: async () => (await import('./commands/cancel.ts')).cancelCommand,
  },
  {
    name: 'cancel-all',
    group: 'The agent',
    summary: 'Cancel every job',
    load: async () => (await import('./commands/cancel-all.ts')).cancelAllCommand,
  },
  {
    name: 'pause',
    group: 'The agent',
    summary: 'Let a job, or everything, rest',
    load: async () => (await import('./commands/pause.ts')).pauseCommand,
  },
  {
    name: 'resume',
    group: 'The agent',
    summary: 'Let a paused job, or everything, go on',
    load: async () => (await import('./commands/resume.ts')).resumeCommand,
  },
  {
    name: 'health',
    group: 'The agent',
    summary: 'Show how the agent and what it uses are',
    load: async () => (await import('./commands/health.ts')).healthCommand,
  },
  {
    name: 'server',
    group: 'Server and more',
    summary: 'Run a backup server',
    load: async () => (await import('./commands/server.ts')).serverCommand,
  },
  {
    name: 'demo',
    group: 'Server and more',
    summary: 'A tour with real files in a temporary folder',
    load: async () => (await import('./commands/demo.ts')).demoCommand,
  },
  {
    name: 'version',
    group: 'Server and more',
    summary: 'Show the versions of the program and its formats',
    load: async () => (await import('./commands/version.ts')).versionCommand,
  },
  {
    name: 'help',
    group: 'Server and more',
    summary: 'Explain a command, with examples',
    load: async () => (await import('./commands/help.ts')).helpCommand,
  },
];

/** What the program does without a command; it has no word of its own. */
export const withoutCommand: CommandEntry = {
  name: 'open',
  group: 'The agent',
  summary: 'Open the application',
  load: async () => (await import('./commands/open.ts')).openCommand,
};

/** Whether a command works on a repository directly, and so knows the global options about repositories. */
export function usesRepository({ group }: CommandEntry): boolean {
  return group === 'Back up and restore' || group === 'Look after a repository';
}

export function findCommand(name: string): CommandEntry | undefined {
  return commandTable.find((entry) => entry.name === name);
}

/** A clear line for a word that is no command, with the nearest one. */
export function unknownCommand(word: string): Failure {
  const near = nearestCommand(word);
  return new Failure('USAGE', {
    what: `There is no command "${word}"`,
    next: near === undefined ? 'Run "cyberbackup help" for the list' : `Did you mean "cyberbackup ${near}"?`,
  });
}

/** The name that a mistyped word most likely meant; undefined if none is near. */
export function nearestCommand(word: string): string | undefined {
  const ranked = commandTable
    .map(({ name }) => ({ name, distance: name.startsWith(word) && word.length > 1 ? 0 : editDistance(word.toLowerCase(), name) }))
    .toSorted((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(1, Math.floor(best.name.length / 3)) ? best.name : undefined;
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other. */
function editDistance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= from.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1] ? 0 : 1;
      let least = Math.min((line[column - 1] ?? 0) + 1, (rows[row - 1]?.[column] ?? 0) + 1, (rows[row - 1]?.[column - 1] ?? 0) + same);
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        least = Math.min(least, (rows[row - 2]?.[column - 2] ?? 0) + 1);
      }
      line.push(least);
    }
    rows.push(line);
  }
  return rows[from.length]?.[to.length] ?? Math.max(from.length, to.length);
}
