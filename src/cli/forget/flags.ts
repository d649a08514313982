/** The options of `forget`: their names, letters and meanings are restic's; `--confirm` and `--simulate` are ours. */
import { InvalidArgumentError, type Command } from 'commander';
import { parseDuration, type Duration } from '../../core/retention/duration.ts';
import type { GroupBy } from '../../core/retention/groups.ts';
import { countingRules, isEmptyPolicy, unlimited, withinRules, type CountingRule, type RetentionPolicy, type WithinRule } from '../../core/retention/policy.ts';
import type { SnapshotChoice } from '../../core/retention/select.ts';
import type { PruneOptions } from '../../core/pruner/options.ts';
import { Failure } from '../../shared/errors.ts';
import { addRepackOptions, repackOptions, type RepackFlags } from '../commands/prune.ts';
import { addFilterOptions, collect, snapshotFilter, type FilterFlags } from '../snapshot-selector.ts';

export interface ForgetRequest {
  readonly choice: SnapshotChoice;
  readonly policy: RetentionPolicy;
  readonly groupBy: GroupBy;
  readonly allowRemoveAll: boolean;
  readonly dryRun: boolean;
  /** How to prune after snapshots were removed, where that is asked for. */
  readonly prune?: PruneOptions;
  readonly compact: boolean;
  /** What `forget` printed for oddities that a person has looked at. */
  readonly confirm: readonly string[];
  /** A number of days, or the local midnight that ends a date, in milliseconds since the epoch. */
  readonly simulate?: { readonly days: number } | { readonly until: number };
}

const letters: Readonly<Record<CountingRule, string>> = { last: 'l', hourly: 'H', daily: 'd', weekly: 'w', monthly: 'm', yearly: 'y' };

export function addForgetOptions(command: Command): Command {
  for (const rule of countingRules) {
    command.option(`-${letters[rule]}, --keep-${rule} <n>`, rule === 'last' ? 'keep the newest n snapshots, or all: "unlimited"' : `keep the newest of each of the last n ${periods[rule]} that have any, or "unlimited"`, parseCount);
  }
  command.option('--keep-within <duration>', 'keep what is newer than this before the newest snapshot, e.g. 1y5m7d2h', duration);
  for (const rule of withinRules) command.option(`--keep-within-${rule} <duration>`, `keep the newest of each of the ${periods[rule]} within this time`, duration);
  command
    .option('--keep-tag <tags>', 'keep snapshots with this tag ("a,b": with both; may be repeated)', collect)
    .option('--unsafe-allow-remove-all', 'let a group lose its last snapshot');
  // Here `-H` keeps hours.
  addFilterOptions(command, { host: '--host <host>' })
    .option('-c, --compact', 'shorter tables')
    .option('-g, --group-by <group>', 'apply the rules to each host, paths and/or tags (default: host,paths; "" for all together)', parseGroupBy, parseGroupBy('host,paths'))
    .option('-n, --dry-run', 'only say what would be removed')
    .option('--prune', 'then remove the data that nothing uses any more')
    .option('--confirm <code>', 'the odd snapshots that this code was shown for are all right (may be repeated)', collect)
    .option('--simulate <when>', 'remove nothing; say what will be kept on a day to come, and the room it takes: a date, or a number of days', parseWhen);
  return addRepackOptions(command);
}

const periods: Readonly<Record<WithinRule, string>> = { hourly: 'hours', daily: 'days', weekly: 'weeks', monthly: 'months', yearly: 'years' };

interface Flags extends RepackFlags, FilterFlags {
  readonly keepTag?: string[];
  readonly keepWithin?: Duration;
  readonly unsafeAllowRemoveAll?: boolean;
  readonly compact?: boolean;
  readonly groupBy: GroupBy;
  readonly dryRun?: boolean;
  readonly prune?: boolean;
  readonly confirm?: string[];
  readonly simulate?: ForgetRequest['simulate'];
}

/** Failure USAGE. */
export function readForgetFlags(command: Command): ForgetRequest {
  const flags = command.opts<Flags>();
  const filter = snapshotFilter(flags);
  const choice: SnapshotChoice = { ids: command.args, filter };
  const policy = policyOf(command, flags);
  const allowRemoveAll = flags.unsafeAllowRemoveAll === true;
  if (allowRemoveAll && isEmptyPolicy(policy) && filter.hostnames.length + filter.paths.length + filter.tags.length === 0) {
    throw new Failure('USAGE', { what: '--unsafe-allow-remove-all is not allowed unless a snapshot filter option is specified', safe: 'No snapshot was removed', next: 'Say whose snapshots are meant, as in --host laptop' });
  }
  return {
    choice,
    policy,
    groupBy: flags.groupBy,
    allowRemoveAll,
    dryRun: flags.dryRun === true,
    compact: flags.compact === true,
    confirm: flags.confirm ?? [],
    ...(flags.prune === true ? { prune: repackOptions(flags) } : {}),
    ...(flags.simulate === undefined ? {} : { simulate: flags.simulate }),
  };
}

function policyOf(command: Command, flags: Flags): RetentionPolicy {
  const capital = (rule: string): string => rule.charAt(0).toUpperCase() + rule.slice(1);
  const values = command.opts<Readonly<Record<string, unknown>>>();
  const counts = countingRules.flatMap((rule) => {
    const count = values[`keep${capital(rule)}`];
    return typeof count === 'number' && count !== 0 ? [[rule, count] as const] : [];
  });
  const each = withinRules.flatMap((rule) => {
    const found = values[`keepWithin${capital(rule)}`] as Duration | undefined;
    return found === undefined ? [] : [[rule, found] as const];
  });
  return {
    counts: Object.fromEntries(counts),
    ...(flags.keepWithin === undefined ? {} : { within: flags.keepWithin }),
    withinEach: Object.fromEntries(each),
    tags: (flags.keepTag ?? []).map((list) => list.split(',').filter((tag) => tag !== '')),
  };
}

function parseCount(text: string): number {
  if (text === 'unlimited' || text === '-1') return unlimited;
  if (!/^\+?\d{1,15}$/.test(text)) throw new InvalidArgumentError('A number, or "unlimited", is expected.');
  return Number(text);
}

function duration(text: string): Duration {
  try {
    return parseDuration(text);
  } catch (error) {
    if (error instanceof Failure) throw new InvalidArgumentError(`${error.text.what}. ${error.text.next ?? ''}.`);
    throw error;
  }
}

function parseGroupBy(text: string): GroupBy {
  const words = text.split(',').filter((word) => word !== '');
  const unknown = words.find((word) => !['host', 'paths', 'tags'].includes(word));
  if (unknown !== undefined) throw new InvalidArgumentError(`unknown grouping option: "${unknown}".`);
  return { host: words.includes('host'), paths: words.includes('paths'), tags: words.includes('tags') };
}

function parseWhen(text: string): ForgetRequest['simulate'] {
  if (/^\d{1,5}$/.test(text)) return { days: Number(text) };
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  const date = new Date(Number(year), Number(month) - 1, Number(day));
  // A day that its month does not have would be taken for one of the next.
  if (date.getDate() !== Number(day)) throw new InvalidArgumentError('A date as 2027-01-31, or a number of days, is expected.');
  return { until: date.setHours(24) };
}
