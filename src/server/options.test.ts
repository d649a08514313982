import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Failure } from '../shared/errors.ts';
import { isLoopback, parseListen, parseServerArguments, readServerOptions, serverFlags } from './options.ts';
import { defaultLimits } from './server-options.ts';

const context = { defaultDataFolder: resolve('/home/anna/server') };
const parse = (...args: string[]) => parseServerArguments(args, context);

function failureOf(work: () => unknown): Failure {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

it('has careful defaults', () => {
  expect(parse()).toEqual({
    host: '127.0.0.1',
    port: 1256,
    dataFolder: context.defaultDataFolder,
    authentication: { kind: 'htpasswd', file: join(context.defaultDataFolder, '.htpasswd'), usersFile: join(context.defaultDataFolder, '.users.json') },
    privateRepositories: false,
    appendOnly: false,
    prometheus: false,
    stopWithInput: false,
    log: { level: 'info', format: 'auto' },
    limits: defaultLimits,
  });
});

it('reads every flag', () => {
  const args = '--listen 0.0.0.0:8000 --data /d --htpasswd-file /h --users-file /u --network-listen [::]:1257 --private-repos --append-only --tls --tls-cert /c --tls-key /k --quota 1.5G --prometheus --admin-token-file /a --max-connections 9 --grace 1';
  expect(parse(...args.split(' '))).toMatchObject({
    host: '0.0.0.0',
    port: 8000,
    dataFolder: resolve('/d'),
    authentication: { kind: 'htpasswd', file: resolve('/h'), usersFile: resolve('/u') },
    network: { host: '::', port: 1257, tls: { certificateFile: resolve('/c'), keyFile: resolve('/k') } },
    privateRepositories: true,
    appendOnly: true,
    tls: { certificateFile: resolve('/c'), keyFile: resolve('/k') },
    quota: 1.5 * 1024 ** 3,
    prometheus: true,
    adminTokenFile: resolve('/a'),
    limits: { maximumConnections: 9, graceMs: 1000 },
  });
});

it('takes the values that commander collects', () => {
  expect(readServerOptions({ auth: false, iKnowThisIsOpen: true, listen: ':1', privateRepos: undefined }, context)).toMatchObject({ host: '::', port: 1, authentication: { kind: 'none' } });
  expect(readServerOptions({ auth: true }, context).authentication.kind).toBe('htpasswd');
  expect(serverFlags.every(({ flags }) => /^--[a-z-]+( <[A-Z:]+>)?$/.test(flags))).toBe(true);
});

it.each([
  [['--no-auth', '--listen', '0.0.0.0:1256'], /--i-know-this-is-open/],
  [['--no-auth', '--listen', ':1256'], /--i-know-this-is-open/],
  [['--no-auth', '--listen', '[::]:1256'], /--i-know-this-is-open/],
  [['--no-auth', '--listen', '192.168.1.2'], /--i-know-this-is-open/],
  [['--no-auth', '--private-repos'], /--private-repos needs users/],
  [['--no-auth', '--htpasswd-file', 'x'], /exclude each other/],
  [['--tls-cert', 'x'], /need --tls/],
  [['--tls', '--tls-key', 'x'], /give both or none/],
  [['--quota', 'lots'], /--quota takes a size such as 500G, not "lots"/],
  [['--quota', '0'], /--quota/],
  [['--grace', '-1'], /--grace/],
  [['--max-connections', '0'], /--max-connections/],
  [['--listen', '1:2:3'], /--listen takes an address/],
  [['--listen', '127.0.0.1:99999'], /--listen/],
  [['--listen', ''], /--listen needs a value/],
  [['--workers', '4'], /--workers/],
  [['surplus'], /surplus/],
])('%j is refused with one clear line', (args, message) => {
  const failure = failureOf(() => parse(...args));
  expect([failure.code, failure.exitCode]).toEqual(['USAGE', 1]);
  expect(failure.message).toMatch(message);
  expect(failure.message).not.toContain('\n');
});

describe('addresses', () => {
  it.each([
    ['[::1]:80', '::1', 80],
    ['[fe80::1]', 'fe80::1', 1256],
    ['localhost', 'localhost', 1256],
    ['example.org:0', 'example.org', 0],
  ])('%s', (given, host, port) => {
    expect(parseListen(given)).toEqual({ host, port });
  });

  it.each([['127.0.0.1', true], ['127.8.9.1', true], ['::1', true], ['localhost', true], ['0.0.0.0', false], ['::', false], ['127.example.org', false], ['10.0.0.1', false]])('%s is loopback: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
