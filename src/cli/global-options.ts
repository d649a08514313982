/**
 * Options that every command understands, and the variables that stand in for them.
 *
 * Precedence: option, then `CYBERBACKUP_…`, then its `RESTIC_…` twin; an empty variable counts as missing.
 */
import { InvalidArgumentError, type Command } from 'commander';

export interface GlobalOptions {
  readonly repo?: string;
  readonly passwordFile?: string;
  readonly insecureNoPassword: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly cache: boolean;
  /** Bytes a second. */
  readonly limitUpload?: number;
  /** Bytes a second. */
  readonly limitDownload?: number;
  readonly home?: string;
}

/** Adds the global options; commander accepts them before and after the command's name. */
export function addGlobalOptions(program: Command): void {
  program
    .option('-r, --repo <url>', 'repository: /path, rest:http(s)://host:port/, …')
    .option('-p, --password-file <file>', 'file whose text is the password')
    .option('--insecure-no-password', 'the password is empty; anybody who reaches the repository can read it')
    .option('--json', 'machine-readable output, one JSON object a line')
    .option('-q, --quiet', 'no progress and no summary')
    .option('-v, --verbose', 'more detail, and the stack of an unexpected error')
    .option('--no-cache', 'keep nothing on this machine between runs')
    .option('--limit-upload <KiB/s>', 'most that is sent in a second', parseRate)
    .option('--limit-download <KiB/s>', 'most that is received in a second', parseRate)
    .option('--home <dir>', 'folder for configuration, caches and the default repository', parseNonEmpty);
}

/** Global options that take a value: needed to find the command's name without parsing everything. */
export const globalOptionsWithValue: ReadonlySet<string> = new Set([
  '-r',
  '--repo',
  '-p',
  '--password-file',
  '--limit-upload',
  '--limit-download',
  '--home',
]);

/** The options of a parsed command line, with what was not given filled in. */
export function readGlobalOptions(program: Command): GlobalOptions {
  const given = program.opts<Partial<GlobalOptions>>();
  return { ...given, insecureNoPassword: given.insecureNoPassword === true, json: given.json === true, quiet: given.quiet === true, verbose: given.verbose === true, cache: given.cache !== false };
}

/** `CYBERBACKUP_<name>`, else `RESTIC_<name>`, else undefined. */
export function fromEnvironment(env: NodeJS.ProcessEnv, name: 'REPOSITORY' | 'FROM_REPOSITORY'): string | undefined {
  for (const prefix of ['CYBERBACKUP', 'RESTIC']) {
    const value = env[`${prefix}_${name}`];
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}

/** KiB a second to bytes a second; 0 means no limit, as in restic. */
function parseRate(text: string): number | undefined {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || !Number.isFinite(value)) throw new InvalidArgumentError('A number of KiB a second is expected.');
  return value === 0 ? undefined : value * 1024;
}

function parseNonEmpty(text: string): string {
  if (text === '') throw new InvalidArgumentError('A folder is expected.');
  return text;
}
