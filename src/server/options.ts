/**
 * The flags of `cyberbackup server`, and what they mean. Pure: looks at no file and no environment.
 *
 * `serverFlags` is in commander's notation, so that the command line declares its options from it; the values that
 * commander collects go to `readServerOptions`.
 */
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Failure } from '../shared/errors.ts';
import { usersFileName } from '../shared/server-users.ts';
import type { LogLevel } from '../telemetry/log.ts';
import { defaultLimits } from './server-options.ts';
import type { ServerOptions } from './server-options.ts';
import type { TlsFiles } from './tls-files.ts';

export interface ServerFlag {
  /** `--name` or `--name <VALUE>`. */
  readonly flags: string;
  readonly description: string;
}

export const serverFlags: readonly ServerFlag[] = [
  { flags: '--listen <HOST:PORT>', description: 'address to listen on (default 127.0.0.1:1256)' },
  { flags: '--data <DIR>', description: 'folder that holds the repositories (default: server in the home folder)' },
  { flags: '--htpasswd-file <FILE>', description: 'users with bcrypt or {SHA} hashes (default: .htpasswd in the data folder)' },
  { flags: '--users-file <FILE>', description: 'users with quota and append-only, each in a folder of their own (default: .users.json in the data folder)' },
  { flags: '--no-auth', description: 'let everyone in who reaches the address' },
  { flags: '--i-know-this-is-open', description: 'allow --no-auth on an address that other machines reach' },
  { flags: '--private-repos', description: 'let each user into the folder of their own name only' },
  { flags: '--append-only', description: 'refuse to delete anything but locks' },
  { flags: '--tls', description: 'serve https; without files a self-signed certificate is made once' },
  { flags: '--network-listen <HOST:PORT>', description: 'second address to listen on, for other computers; always with TLS and sign-in' },
  { flags: '--tls-cert <FILE>', description: 'certificate in PEM form (default: .tls-certificate.pem in the data folder)' },
  { flags: '--tls-key <FILE>', description: 'its private key in PEM form (default: .tls-key.pem in the data folder)' },
  { flags: '--quota <SIZE>', description: 'limit of all stored data together, such as 500G' },
  { flags: '--prometheus', description: 'serve /metrics' },
  { flags: '--admin-token-file <FILE>', description: 'token for /api and /metrics; made where the file does not exist' },
  { flags: '--max-connections <N>', description: `connections at the same time (default ${defaultLimits.maximumConnections})` },
  { flags: '--grace <SECONDS>', description: `time for running requests when the server stops (default ${defaultLimits.graceMs / 1000})` },
  { flags: '--stop-with-input', description: 'stop when standard input ends, for a program that starts the server for itself' },
];

/** Values by the camel-case name of the flag, as commander and `parseServerArguments` collect them. */
export type ServerFlagValues = Readonly<Record<string, unknown>>;

export interface ServerFlagContext {
  /** Folder for data where `--data` is not given. */
  readonly defaultDataFolder: string;
  readonly logLevel?: LogLevel;
  readonly logFormat?: 'json' | 'readable' | 'auto';
}

const defaultHost = '127.0.0.1';
const defaultPort = 1256;

/** Checks and completes the values; throws a `Failure` (USAGE) that says what is wrong with which flag. */
export function readServerOptions(values: ServerFlagValues, context: ServerFlagContext): ServerOptions {
  const { host, port } = parseListen(text(values, 'listen') ?? `${defaultHost}:${defaultPort}`);
  const dataFolder = resolve(text(values, 'data') ?? context.defaultDataFolder);
  const quota = text(values, 'quota');
  const adminTokenFile = text(values, 'adminTokenFile');
  const connections = wholeNumber(values, 'maxConnections', '--max-connections', 1);
  const grace = wholeNumber(values, 'grace', '--grace', 0);
  return {
    host,
    port,
    dataFolder,
    authentication: authenticationOf(values, host, dataFolder),
    privateRepositories: privateRepositoriesOf(values),
    appendOnly: values['appendOnly'] === true,
    ...tlsOf(values, dataFolder),
    ...networkOf(values, dataFolder),
    ...(quota === undefined ? {} : { quota: parseSize(quota) }),
    prometheus: values['prometheus'] === true,
    ...(adminTokenFile === undefined ? {} : { adminTokenFile: resolve(adminTokenFile) }),
    stopWithInput: values['stopWithInput'] === true,
    log: { level: context.logLevel ?? 'info', format: context.logFormat ?? 'auto' },
    limits: { ...defaultLimits, maximumConnections: connections ?? defaultLimits.maximumConnections, graceMs: grace === undefined ? defaultLimits.graceMs : grace * 1000 },
  };
}

/** The same from the bare arguments that follow `server`. */
export function parseServerArguments(args: readonly string[], context: ServerFlagContext): ServerOptions {
  const flags = serverFlags.map(({ flags: notation }) => ({ name: notation.slice(2).split(' ')[0] ?? '', takesValue: notation.includes('<') }));
  const options = Object.fromEntries(flags.map(({ name, takesValue }) => [name, { type: takesValue ? ('string' as const) : ('boolean' as const) }]));
  let given: Record<string, unknown>;
  try {
    given = parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw usage(error instanceof Error ? (error.message.split(/\.\s/)[0] ?? '') : String(error));
  }
  const { 'no-auth': open, ...rest } = given;
  const values: Record<string, unknown> = open === true ? { auth: false } : {};
  for (const [name, value] of Object.entries(rest)) values[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())] = value;
  return readServerOptions(values, context);
}

/** `host:port`, `host`, `:port` (every address), `[ipv6]:port`. */
export function parseListen(given: string, flag = '--listen'): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d+))?$/.exec(given);
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  const inBrackets = match?.[1];
  const host = inBrackets ?? match?.[2] ?? '';
  if (match === null || port > 65_535 || (inBrackets !== undefined && isIP(inBrackets) !== 6) || (host === '' && match[3] === undefined)) {
    throw usage(`${flag} takes an address such as 127.0.0.1:1256 or [::1]:1256, not "${given}"`);
  }
  return { host: host === '' ? '::' : host, port };
}

/** Only this machine reaches the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** `100`, `500M`, `1.5GiB`: bytes; units are powers of 1024. */
function parseSize(given: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmgtp]?)(?:i?b)?$/i.exec(given.trim());
  const bytes = match === null ? Number.NaN : Math.floor(Number(match[1]) * 1024 ** Math.max(0, 'bkmgtp'.indexOf((match[2] ?? '').toLowerCase())));
  if (!Number.isSafeInteger(bytes) || bytes === 0) throw usage(`--quota takes a size such as 500G, not "${given}"`);
  return bytes;
}

function authenticationOf(values: ServerFlagValues, host: string, dataFolder: string): ServerOptions['authentication'] {
  const file = text(values, 'htpasswdFile');
  const usersFile = text(values, 'usersFile');
  if (values['auth'] !== false) return { kind: 'htpasswd', file: resolve(file ?? join(dataFolder, '.htpasswd')), usersFile: resolve(usersFile ?? join(dataFolder, usersFileName)) };
  if (file !== undefined) throw usage('--no-auth and --htpasswd-file exclude each other');
  if (usersFile !== undefined) throw usage('--no-auth and --users-file exclude each other');
  if (!isLoopback(host) && values['iKnowThisIsOpen'] !== true) {
    throw usage(`--no-auth on ${host} would let every machine that reaches it read and delete backups; if that is meant, add --i-know-this-is-open`);
  }
  return { kind: 'none' };
}

function privateRepositoriesOf(values: ServerFlagValues): boolean {
  if (values['privateRepos'] !== true) return false;
  if (values['auth'] === false) throw usage('--private-repos needs users: it cannot be combined with --no-auth');
  return true;
}

function tlsOf(values: ServerFlagValues, dataFolder: string): Pick<ServerOptions, 'tls'> {
  const [certificate, key] = [text(values, 'tlsCert'), text(values, 'tlsKey')];
  if (values['tls'] !== true && values['networkListen'] === undefined && (certificate !== undefined || key !== undefined)) throw usage('--tls-cert and --tls-key need --tls or --network-listen');
  if ((certificate === undefined) !== (key === undefined)) throw usage('--tls-cert and --tls-key belong together: give both or none');
  return values['tls'] === true ? { tls: tlsFiles(values, dataFolder) } : {};
}

function networkOf(values: ServerFlagValues, dataFolder: string): Pick<ServerOptions, 'network'> {
  const given = text(values, 'networkListen');
  if (given === undefined) return {};
  if (values['auth'] === false) throw usage('--network-listen needs users: it cannot be combined with --no-auth');
  return { network: { ...parseListen(given, '--network-listen'), tls: tlsFiles(values, dataFolder) } };
}

function tlsFiles(values: ServerFlagValues, dataFolder: string): TlsFiles {
  return {
    certificateFile: resolve(text(values, 'tlsCert') ?? join(dataFolder, '.tls-certificate.pem')),
    keyFile: resolve(text(values, 'tlsKey') ?? join(dataFolder, '.tls-key.pem')),
  };
}

function text(values: ServerFlagValues, name: string): string | undefined {
  const value = values[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '') throw usage(`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} needs a value`);
  return value;
}

function wholeNumber(values: ServerFlagValues, name: string, flag: string, minimum: number): number | undefined {
  const given = text(values, name);
  if (given === undefined) return undefined;
  const number = Number(given);
  if (!/^\d{1,9}$/.test(given) || number < minimum) throw usage(`${flag} takes a whole number from ${minimum}, not "${given}"`);
  return number;
}

function usage(what: string): Failure {
  return new Failure('USAGE', { what, next: 'See "cyberbackup help server"' });
}
