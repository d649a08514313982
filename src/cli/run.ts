/**
 * Runs one command: finds its name, loads its module, parses its options, and turns how it ends into an exit code and,
 * where it failed, one line on standard error.
 */
import { Command, CommanderError } from 'commander';
import { systemClock } from '../core/platform/clock.ts';
import { Failure } from '../shared/errors.ts';
import { findCommand, unknownCommand, usesRepository, withoutCommand, type Act, type CommandEntry } from './command-table.ts';
import type { CliContext } from './context.ts';
import { errorDetails, failureLine, toFailure } from './explain-error.ts';
import { addGlobalOptions, globalOptionsWithValue, readGlobalOptions, type GlobalOptions } from './global-options.ts';
import { configureHelp } from './help-text.ts';
import { homeFolders } from '../core/platform/home.ts';
import { watchInterrupt, type Interrupt } from './interrupt.ts';
import { readProgramVersion } from './program-version.ts';
import { Terminal } from './terminal.ts';
import { terminalLogger } from './verbose-logger.ts';

const showCursor = '\u001b[?25h';

/** Runs the command of this process and ends it. */
export async function main(args: readonly string[] = process.argv.slice(2)): Promise<never> {
  const terminal = new Terminal(process.stdout, process.stderr, process.env);
  const interrupt = watchInterrupt({
    onSlow: () => terminal.message('Stopping. Press Ctrl-C again to end at once.'),
    leave: () => {
      if (terminal.live) process.stderr.write(`${showCursor}\n`);
      process.exit(130);
    },
  });
  // An error that nobody waited for is a defect; it gets its line all the same, and the process does not go on with it.
  const onStray = (error: unknown): void => {
    // Only the echo of the interruption, somewhere that nobody looks any more; the command itself is still tidying up.
    if (interrupt.signal.aborted && error === interrupt.signal.reason) return;
    report(error, args, terminal, interrupt.signal);
    process.exit(interrupt.signal.aborted ? 130 : 1);
  };
  process.on('uncaughtException', onStray);
  process.on('unhandledRejection', onStray);
  const code = await runCommand(args, terminal, process.env, interrupt);
  interrupt.dispose();
  await terminal.flush();
  // Nothing that a command left open (a kept-alive connection, a timer) may delay the prompt.
  process.exit(code);
}

/** Runs a command line in this process and resolves with its exit code. */
export async function runCommand(args: readonly string[], terminal: Terminal, env: NodeJS.ProcessEnv, interrupt: Interrupt): Promise<number> {
  try {
    return await dispatch(args, terminal, env, interrupt);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    return report(error, args, terminal, interrupt.signal);
  }
}

/** Writes the line for whatever ended a command; the exit code that goes with it. */
function report(error: unknown, args: readonly string[], terminal: Terminal, signal: AbortSignal): number {
  const failure = error instanceof CommanderError ? usageFailure(error, args) : toFailure(error, signal);
  terminal.setOverlay(undefined);
  terminal.message(failureLine(failure));
  if (args.includes('--verbose') || args.includes('-v')) terminal.message(errorDetails(failure));
  return failure.exitCode;
}

async function dispatch(args: readonly string[], terminal: Terminal, env: NodeJS.ProcessEnv, interrupt: Interrupt): Promise<number> {
  const position = commandPosition(args);
  const word = position === undefined ? undefined : args[position];
  if (word === undefined && args.includes('--version')) return await runEntry(entryOf('version'), ['version'], terminal, env, interrupt);
  const wantsHelp = args.includes('--help') || args.includes('-h');
  if (word === undefined && wantsHelp) return await runEntry(entryOf('help'), ['help', ...args.filter((argument) => argument !== '--help' && argument !== '-h')], terminal, env, interrupt);
  if (word === undefined) return await runEntry(withoutCommand, [withoutCommand.name, ...args], terminal, env, interrupt);
  const name = word === '--server' ? 'server' : word;
  const entry = findCommand(name);
  if (entry === undefined) throw unknownCommand(name);
  return await runEntry(entry, args.with(position ?? 0, name), terminal, env, interrupt);
}

async function runEntry(entry: CommandEntry, args: readonly string[], terminal: Terminal, env: NodeJS.ProcessEnv, interrupt: Interrupt): Promise<number> {
  const module = await entry.load();
  const program = new Command('cyberbackup').exitOverride().helpCommand(false);
  addGlobalOptions(program);
  const outcome = { code: 0 };
  const act: Act = (body) => async (...parameters) => {
    const leaf = parameters.at(-1);
    if (!(leaf instanceof Command)) throw new TypeError('An action was called without its command');
    const context = makeContext(readGlobalOptions(program), terminal, env, interrupt);
    outcome.code = (await body(context, leaf)) ?? 0;
  };
  const command = program.command(entry.name).description(entry.summary);
  configureHelp(program, terminal);
  configureHelp(command, terminal, { examples: module.examples, usesRepository: usesRepository(entry) });
  module.configure(command, act);
  await program.parseAsync(args, { from: 'user' });
  return outcome.code;
}

function makeContext(options: GlobalOptions, terminal: Terminal, env: NodeJS.ProcessEnv, interrupt: Interrupt): CliContext {
  return {
    options,
    env,
    terminal,
    home: homeFolders(options.home, env),
    clock: systemClock,
    logger: terminalLogger(terminal, options.verbose),
    signal: interrupt.signal,
    releaseSignals: () => interrupt.dispose(),
    programVersion: readProgramVersion(),
  };
}

/** Index of the command's name: the first argument that is neither a global option nor its value. */
export function commandPosition(args: readonly string[]): number | undefined {
  for (let at = 0; at < args.length; at += 1) {
    const argument = args[at] ?? '';
    if (argument === '--server' || !argument.startsWith('-')) return at;
    if (argument === '--') return at + 1 < args.length ? at + 1 : undefined;
    if (globalOptionsWithValue.has(argument)) at += 1;
  }
  return undefined;
}

function entryOf(name: string): CommandEntry {
  const entry = findCommand(name);
  if (entry === undefined) throw new TypeError(`The command table lacks ${name}`);
  return entry;
}

function usageFailure(error: CommanderError, args: readonly string[]): Failure {
  const position = commandPosition(args);
  const name = position === undefined ? undefined : args[position]?.replace(/^--/, '');
  // Commander writes "error: unknown option '--x'\n(Did you mean --y?)".
  const [first = '', ...hints] = error.message.replace(/^error: /, '').split('\n');
  const what = [first, ...hints].filter((text) => text !== '').join(' ');
  return new Failure('USAGE', {
    what: `${what.charAt(0).toUpperCase()}${what.slice(1)}`,
    next: `Run "cyberbackup help${name === undefined ? '' : ` ${name}`}" for what it takes`,
  });
}
