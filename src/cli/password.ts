/**
 * Where a password comes from: `--password-file`, then a command, a file or a value from the environment, then the
 * terminal. It is never an argument. The caller wipes the buffer that it gets (`fill(0)`).
 *
 * Variables of ours (`CYBERBACKUP_…`) are looked at before restic's, each group in restic's order: command, file, value.
 * White space around the text of a file or of a command's output is not part of the password, as in restic.
 */
import { readFile } from 'node:fs/promises';
import { Failure } from '../shared/errors.ts';
import type { CliContext } from './context.ts';
import { splitCommand } from './split-command.ts';

export interface PasswordRequest {
  /** `open`: asked once; `new`: asked twice, and may not be empty. */
  readonly purpose: 'open' | 'new';
  /** Begin of the variables' names: `PASSWORD`, or `FROM_PASSWORD` for a second repository. */
  readonly variables: 'PASSWORD' | 'FROM_PASSWORD' | 'NEW_PASSWORD';
  readonly file?: string | undefined;
  /** Looked at after `file` and before the environment. */
  readonly storedFile?: string | undefined;
  /** The password is empty, and a person said so; none may be given then. */
  readonly empty?: boolean | undefined;
  /** What is asked on a terminal, without the colon. */
  readonly question: string;
  /** Runs before a person is asked, and only then: a chance to say that there is nothing to open. */
  readonly beforeAsking?: () => Promise<void>;
}

export async function obtainPassword(context: CliContext, request: PasswordRequest): Promise<Buffer> {
  const password = await fromFileOrEnvironment(context, request);
  if (request.empty === true) {
    if (password === undefined) return Buffer.alloc(0);
    password.fill(0);
    throw new Failure('USAGE', { what: 'A password is given, and also that there is none', safe: 'Nothing was changed', next: 'Leave out either the password (also from the environment) or the option that says there is none' });
  }
  if (password === undefined) {
    await request.beforeAsking?.();
    return await fromTerminal(context, request);
  }
  if (password.length === 0 && request.purpose === 'new') throw emptyPassword();
  return password;
}

async function fromFileOrEnvironment({ env, signal }: CliContext, request: PasswordRequest): Promise<Buffer | undefined> {
  if (request.file !== undefined) return await readPasswordFile(request.file);
  if (request.storedFile !== undefined) return await readPasswordFile(request.storedFile);
  for (const prefix of ['CYBERBACKUP', 'RESTIC']) {
    const variable = (suffix: string): string | undefined => {
      const value = env[`${prefix}_${request.variables}${suffix}`];
      return value === '' ? undefined : value;
    };
    const command = variable('_COMMAND');
    if (command !== undefined) return await runPasswordCommand(command, signal);
    const file = variable('_FILE');
    if (file !== undefined) return await readPasswordFile(file);
    const value = variable('');
    if (value !== undefined) return Buffer.from(value);
  }
  return undefined;
}

async function readPasswordFile(path: string): Promise<Buffer> {
  let text: Buffer;
  try {
    text = await readFile(path);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new Failure('PASSWORD_MISSING', { what: `The password file ${path} ${reason}`, next: 'Check its path and permissions' }, { cause: error });
  }
  return trimmed(text);
}

/** Runs the command with this process's own standard error, so that it can ask the person itself. */
async function runPasswordCommand(command: string, signal: AbortSignal): Promise<Buffer> {
  const [program, ...args] = splitCommand(command);
  // Loaded on demand, like the prompt below: most runs need neither, and every run would wait for them.
  const { spawn } = await import('node:child_process');
  const pieces: Buffer[] = [];
  const child = spawn(program, args, { stdio: ['inherit', 'pipe', 'inherit'], shell: false, windowsHide: true, signal });
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  const code = await new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, killedBy) => resolve(status ?? killedBy ?? 'no status'));
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw commandFailure(program, error instanceof Error && 'code' in error ? `cannot be started (${String(error.code)})` : 'cannot be started', error);
  });
  if (code !== 0) throw commandFailure(program, typeof code === 'number' ? `ended with exit code ${code}` : `was ended by ${code}`);
  const output = Buffer.concat(pieces);
  for (const piece of pieces) piece.fill(0);
  return trimmed(output);
}

function commandFailure(program: string, problem: string, cause?: unknown): Failure {
  return new Failure('PASSWORD_MISSING', { what: `The password command ${program} ${problem}`, next: 'Run it by hand to see why' }, { cause });
}

async function fromTerminal({ terminal, signal }: CliContext, request: PasswordRequest): Promise<Buffer> {
  const { askPassword, openPromptSource } = await import('./prompt.ts');
  const source = openPromptSource();
  if (source === undefined) {
    throw new Failure('PASSWORD_MISSING', {
      what: 'No password was given, and there is no terminal to ask on',
      next: 'Set CYBERBACKUP_PASSWORD_FILE, CYBERBACKUP_PASSWORD_COMMAND or CYBERBACKUP_PASSWORD, or use --password-file',
    });
  }
  try {
    const first = await askPassword(source, terminal, `${request.question}: `, signal);
    if (request.purpose === 'open') return first;
    if (first.length === 0) throw emptyPassword();
    const second = await askPassword(source, terminal, 'The same again: ', signal);
    const same = first.equals(second);
    second.fill(0);
    if (same) return first;
    first.fill(0);
    throw new Failure('PASSWORD_MISSING', { what: 'The two passwords differ', safe: 'Nothing was changed', next: 'Run the command again' });
  } finally {
    source.close();
  }
}

function emptyPassword(): Failure {
  return new Failure('PASSWORD_MISSING', { what: 'The password is empty', safe: 'Nothing was changed', next: 'Choose one with at least a few words' });
}

/** A copy without a byte order mark and white space around; the given buffer is wiped. */
function trimmed(text: Buffer): Buffer {
  let start = text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf ? 3 : 0;
  let end = text.length;
  const space = (at: number): boolean => [0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20].includes(text[at] ?? 0);
  while (start < end && space(start)) start += 1;
  while (end > start && space(end - 1)) end -= 1;
  const result = Buffer.from(text.subarray(start, end));
  text.fill(0);
  return result;
}
