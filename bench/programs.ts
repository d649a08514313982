/**
 * The two sides of the comparison: each a client and its own server, driven by the same calls.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';

export interface Side {
  readonly name: 'cyberbackup' | 'restic';
  server(data: string, port: number): readonly string[];
  backup(folder: string): readonly string[];
  restore(target: string): readonly string[];
  env(port: number, cache: string): Record<string, string>;
}

export const benchPassword = 'bench';
const repositoryPath = 'bench';

const environment = (port: number, cache: string): Record<string, string> => ({
  RESTIC_REPOSITORY: `rest:http://127.0.0.1:${port}/${repositoryPath}/`,
  RESTIC_PASSWORD: benchPassword,
  RESTIC_CACHE_DIR: path.join(cache, 'restic'),
  RESTIC_PROGRESS_FPS: '0.1',
  CYBERBACKUP_HOME: path.join(cache, 'cyberbackup'),
});

export function ourSide(root: string): Side {
  const program = path.join(root, 'bin/cyberbackup');
  return {
    name: 'cyberbackup',
    server: (data, port) => [program, 'server', '--no-auth', '--listen', `127.0.0.1:${port}`, '--data', data],
    backup: (folder) => [program, 'backup', '--quiet', folder],
    restore: (target) => [program, 'restore', 'latest', '--target', target, '--quiet'],
    env: environment,
  };
}

/** restic and its server from a folder of peers; undefined, with the reason, where one is missing. */
export function peerSide(peers: string | undefined): { side: Side } | { missing: string } {
  if (peers === undefined) return { missing: 'no folder of peers was named (--peers DIR or CYBERBACKUP_PEERS)' };
  const restic = path.join(peers, 'restic');
  const server = ['rest-server', 'restic-rest-server'].map((name) => path.join(peers, name)).find((file) => existsSync(file));
  if (!existsSync(restic)) return { missing: `there is no restic in ${peers}` };
  if (server === undefined) return { missing: `there is no rest-server in ${peers}` };
  return {
    side: {
      name: 'restic',
      server: (data, port) => [server, '--no-auth', '--listen', `127.0.0.1:${port}`, '--path', data],
      backup: (folder) => [restic, 'backup', '--quiet', folder],
      restore: (target) => [restic, 'restore', 'latest', '--target', target, '--quiet'],
      env: environment,
    },
  };
}

/** Where a side's server keeps the repository below its data folder. */
export const repositoryFolder = (data: string): string => path.join(data, repositoryPath);
