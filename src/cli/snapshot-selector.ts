/** `SNAPSHOT[:PATH]` and the filters that narrow `latest`. */
import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { SnapshotFilter } from '../core/repository/snapshots.ts';
import { Failure } from '../shared/errors.ts';
import { argumentBytes } from './raw-arguments.ts';

export interface SnapshotSelector {
  /** An id prefix or `latest`. */
  readonly snapshot: string;
  /** Raw bytes, absolute within the snapshot. */
  readonly path?: Buffer;
}

export interface FilterFlags {
  readonly host?: string[];
  readonly path?: string[];
  readonly tag?: string[];
}

/** Throws `USAGE` for an empty snapshot. */
export function parseSelector(argument: string): SnapshotSelector {
  const colon = argument.indexOf(':');
  const snapshot = colon < 0 ? argument : argument.slice(0, colon);
  if (snapshot !== 'latest' && !/^[0-9a-f]{1,64}$/i.test(snapshot)) {
    throw new Failure('USAGE', { what: `"${argument}" is no snapshot`, next: 'Give the begin of an id, or "latest"; "cyberbackup snapshots" lists them' });
  }
  if (colon < 0) return { snapshot };
  const bytes = argumentBytes(argument);
  return { snapshot, path: absoluteInSnapshot(bytes.subarray(bytes.indexOf(':') + 1)) };
}

/** A path as it stands in a snapshot: absolute, without empty components and without a slash at the end. */
export function absoluteInSnapshot(path: Uint8Array): Buffer {
  const text = Buffer.from(path).toString('latin1');
  const components = text.split('/').filter((component) => component !== '' && component !== '.');
  if (components.includes('..')) throw new Failure('USAGE', { what: 'A path in a snapshot cannot hold ".."', next: 'Write it out from the root' });
  return Buffer.from(`/${components.join('/')}`, 'latin1');
}

/** `host`: where `-H` has another meaning. */
export function addFilterOptions(command: Command, { host = '-H, --host <host>' } = {}): Command {
  return command
    .option(host, 'only snapshots of this host (several: any of them)', collect)
    .option('--path <path>', 'only snapshots of this path (several: of all of them)', collect)
    .option('--tag <tag>', 'only snapshots with this tag (several: any of them; "a,b": both)', collect);
}

/** The filter in the form that core takes. An empty host is none, as in restic. */
export function snapshotFilter({ host = [], path = [], tag = [] }: FilterFlags): Required<SnapshotFilter> {
  return { hostnames: host.filter((one) => one !== ''), paths: path.map((one) => resolve(one)), tags: tag };
}

/** For options that may be given several times. */
export function collect(value: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}
