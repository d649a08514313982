/** `forget`: removes snapshots by rules or by id; what only they used stays until a prune. */
import type { Command } from 'commander';
import { planForget, refusePinned, type PlannedGroup } from '../../core/retention/forget.ts';
import type { SnapshotGroup } from '../../core/retention/groups.ts';
import type { Guard } from '../../core/retention/guard/guard.ts';
import { openGuard, withGuard, type Remember } from '../../core/retention/guard/open-guard.ts';
import { loadAllSnapshots, type AllSnapshots } from '../../core/retention/load-snapshots.ts';
import { describePolicy } from '../../core/retention/policy.ts';
import { removeSnapshots } from '../../core/retention/remove-snapshots.ts';
import { seenGroups } from '../../core/retention/seen-groups.ts';
import { chooseSnapshots, type Chosen } from '../../core/retention/select.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { failureLine, toFailure } from '../explain-error.ts';
import { addForgetOptions, readForgetFlags, type ForgetRequest } from '../forget/flags.ts';
import { frozenFailure, frozenLines, refuseStrangeConfirmations } from '../forget/frozen-text.ts';
import { groupJson } from '../forget/group-json.ts';
import { simulateForget } from '../forget/simulation.ts';
import { snapshotTable, zoneName, type TableStyle } from '../forget/snapshot-table.ts';
import { shortId } from '../output/format.ts';
import { visibleText } from '../output/visible-text.ts';
import { withSession, type Session } from '../session.ts';
import { pruneUnfrozen } from './prune.ts';

export const forgetCommand: CommandModule = {
  examples: [
    { does: 'Keep a week of days, a month of weeks and a year of months', line: 'cyberbackup forget --keep-daily 7 --keep-weekly 4 --keep-monthly 12' },
    { does: 'Only say what would go', line: 'cyberbackup forget --keep-within 30d --dry-run' },
    { does: 'See what a rule will have kept in a year, and the room it takes', line: 'cyberbackup forget --keep-daily 7 --keep-monthly 12 --simulate 365' },
    { does: 'One snapshot, and its data at once', line: 'cyberbackup forget 1f3a --prune' },
  ],
  configure(command: Command, act: Act) {
    addForgetOptions(command.argument('[snapshot...]', 'begins of ids, or "latest" (default: what the rules do not keep)')).action(act(forget));
  },
};

async function forget(context: CliContext, command: Command): Promise<number> {
  const request = readForgetFlags(command);
  if (request.simulate !== undefined) return await simulateForget(context, request, request.simulate);
  return await withSession(context, { lock: request.dryRun ? 'none' : 'exclusive' }, async (session) => {
    const all = await loadAllSnapshots(session.repository, session.signal);
    const chosen = chooseSnapshots(all.snapshots, request.choice);
    for (const { selector, why } of chosen.ignored) context.terminal.message(`Ignoring ${JSON.stringify(visibleText(selector))}: ${visibleText(why)}`);
    return request.choice.ids.length > 0 ? await forgetChosen(context, session, request, chosen) : await forgetByPolicy(context, session, request, { all, chosen });
  });
}

async function forgetChosen(context: CliContext, session: Session, request: ForgetRequest, { snapshots }: Chosen): Promise<number> {
  refusePinned(snapshots);
  return await remove(context, session, request, snapshots.map(({ id }) => id));
}

async function forgetByPolicy(context: CliContext, session: Session, request: ForgetRequest, found: { readonly all: AllSnapshots; readonly chosen: Chosen }): Promise<number> {
  const { repository, signal, locked } = session;
  const { configuration } = context.home;
  const isFrozen = ({ frozen }: PlannedGroup): boolean => frozen !== undefined && !request.confirm.includes(frozen.confirmation);
  const judge = (guard: Guard): PlannedGroup[] => {
    const plan = planForget(found.chosen.snapshots, request, guard, repository.clock.now());
    refuseStrangeConfirmations(plan, request.confirm);
    return plan;
  };
  const judgeAndRemember = async (guard: Guard, remember: Remember): Promise<PlannedGroup[]> => {
    const plan = judge(guard);
    const going = plan.filter((group) => !isFrozen(group));
    if (going.length === 0) return plan;
    await locked;
    const confirmed = going.flatMap(({ group, frozen }) => (frozen === undefined ? [] : [{ group, confirmed: frozen }]));
    const shown = confirmed.flatMap(({ confirmed: { oddities } }) => oddities.flatMap((oddity) => oddity.snapshots));
    const seen = seenGroups(found.all.snapshots, { free: groupsOf(going), frozen: groupsOf(plan.filter(isFrozen)), confirmed: shown }, guard, request.policy);
    remember([...confirmed, ...seen.map((group) => ({ group }))]);
    return plan;
  };
  const plan = request.dryRun ? judge(openGuard(configuration, repository, found.all)) : await withGuard(configuration, repository, found.all, judgeAndRemember, signal);
  const free = plan.filter((group) => !isFrozen(group));
  report(context, request, plan, isFrozen);
  return await remove(context, session, request, (request.dryRun ? plan : free).flatMap((group) => group.remove.map(({ id }) => id)), plan.filter(isFrozen));
}

function groupsOf(plan: readonly PlannedGroup[]): SnapshotGroup[] {
  return plan.map(({ group }) => group);
}

/** What stays and what goes, as restic says it; what is frozen, on standard error. */
function report(context: CliContext, request: ForgetRequest, plan: readonly PlannedGroup[], isFrozen: (group: PlannedGroup) => boolean): void {
  const { terminal, options } = context;
  if (options.json) {
    // As restic: one array of all groups.
    if (plan.length > 0) terminal.json(plan.map((group) => groupJson(group, isFrozen(group) && !request.dryRun)));
  } else if (!options.quiet) {
    terminal.line(`Applying Policy: ${visibleText(describePolicy(request.policy))}`);
    for (const group of plan) if (request.dryRun || !isFrozen(group)) terminal.lines(tables(group, { compact: request.compact, zone: zoneName(context.env) }));
  }
  for (const { frozen } of plan.filter(isFrozen)) if (frozen !== undefined) for (const line of frozenLines(frozen, request.groupBy)) terminal.message(line);
}

function tables({ keep, remove: gone }: PlannedGroup, style: TableStyle): string[] {
  const lines: string[] = [];
  if (keep.length > 0) lines.push(`keep ${keep.length} snapshots:`, ...snapshotTable(keep.map(({ item, reasons }) => ({ stored: item, reasons })).reverse(), style), '');
  if (gone.length > 0) lines.push(`remove ${gone.length} snapshots:`, ...snapshotTable(gone.map((stored) => ({ stored })).reverse(), style), '');
  return lines;
}

/** Removes snapshots and, where asked for, what nothing uses any more. Exit code 3, as in restic, where the storage kept a snapshot. */
async function remove(context: CliContext, session: Session, request: ForgetRequest, ids: readonly string[], frozen: readonly PlannedGroup[] = []): Promise<number> {
  const { terminal, options } = context;
  const says = !options.json && !options.quiet;
  if (request.dryRun) {
    if (says && ids.length > 0) terminal.lines(['Would have removed the following snapshots:', `{${ids.map(shortId).sort().join(' ')}}`, '']);
    if (request.prune !== undefined) terminal.message('What a prune would remove then is not known before the snapshots are forgotten: nothing was pruned.');
    return 0;
  }
  const started = context.clock.monotonic();
  await session.locked;
  const { removed, failed } = await removeSnapshots(session.repository, ids, { signal: session.signal });
  for (const { id, error } of failed) terminal.message(`unable to remove snapshot ${shortId(id)}: ${failureLine(toFailure(error))}`);
  if (says && ids.length > 0) terminal.line(`[${elapsed(context.clock.monotonic() - started)}] ${((100 * removed.length) / ids.length).toFixed(2)}%  ${removed.length} / ${ids.length} files deleted`);
  if (frozen.length > 0) throw frozenFailure(frozen, 'forgotten');
  if (request.prune !== undefined && removed.length > 0) await pruneUnfrozen(context, session, request.prune, []);
  return failed.length > 0 ? 3 : 0;
}

/** `0:07`, as restic shows durations. */
function elapsed(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
