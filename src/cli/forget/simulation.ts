/** `forget --simulate`: what the rules will have kept on a day to come, and the room it takes. Removes nothing. */
import type { Repository } from '../../core/repository/repository.ts';
import { describeGroup, groupSnapshots, type SnapshotGroup } from '../../core/retention/groups.ts';
import { loadAllSnapshots } from '../../core/retention/load-snapshots.ts';
import { describePolicy, isEmptyPolicy } from '../../core/retention/policy.ts';
import { chooseSnapshots } from '../../core/retention/select.ts';
import { dayLength, simulate, type Range, type Simulation } from '../../core/retention/simulate.ts';
import { Failure } from '../../shared/errors.ts';
import type { CliContext } from '../context.ts';
import { formatBytes, formatCounted, formatDuration, formatTime, shortId } from '../output/format.ts';
import { renderTable } from '../output/table.ts';
import { visibleText } from '../output/visible-text.ts';
import { withSession } from '../session.ts';
import type { ForgetRequest } from './flags.ts';

interface Simulated {
  readonly group: SnapshotGroup;
  readonly simulation: Simulation;
}

export async function simulateForget(context: CliContext, request: ForgetRequest, when: NonNullable<ForgetRequest['simulate']>): Promise<number> {
  const days = 'days' in when ? when.days : Math.ceil((when.until - context.clock.now()) / dayLength);
  if (days < 0) throw new Failure('USAGE', { what: 'The day to simulate is past', next: 'Give a day to come, or a number of days' });
  if (isEmptyPolicy(request.policy)) throw new Failure('USAGE', { what: 'There is no rule to simulate', next: 'Say what is kept, as in --keep-daily 7 --keep-weekly 4' });
  return await withSession(context, { lock: 'none' }, async ({ repository, signal }) => {
    const now = repository.clock.now();
    const [{ snapshots }, stored] = await Promise.all([loadAllSnapshots(repository, signal), storedBytes(repository, signal)]);
    const groups = groupSnapshots(chooseSnapshots(snapshots, request.choice).snapshots, request.groupBy);
    const simulated = groups.map((group) => ({ group, simulation: simulate({ snapshots: group.snapshots, policy: request.policy, now, days, alone: new Map() }) }));
    if (context.options.json) printJson(context, simulated, stored);
    else print(context, request, simulated, stored);
    return 0;
  });
}

/** What all packs together take. */
async function storedBytes(repository: Repository, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  for await (const { size } of repository.store.list('data', signal)) bytes += size;
  return bytes;
}

/** The room of the whole repository at the end of each day. */
function roomByDay(simulated: readonly Simulated[], stored: number): (Range & { readonly at: number; readonly snapshots: number })[] {
  const [first] = simulated;
  return (first?.simulation.forecasts ?? []).map(({ at }, day) => {
    const all = simulated.flatMap(({ simulation }) => simulation.forecasts[day] ?? []);
    const sum = (member: keyof Range): number => Math.max(0, Math.round(all.reduce((total, { change }) => total + change[member], stored)));
    return { at, snapshots: all.reduce((total, { snapshots }) => total + snapshots, 0), low: sum('low'), expected: sum('expected'), high: sum('high') };
  });
}

function printJson({ terminal }: CliContext, simulated: readonly Simulated[], stored: number): void {
  for (const { group, simulation } of simulated) {
    terminal.json({
      message_type: 'group',
      ...group.key,
      seconds_between_backups: simulation.rhythm === undefined ? null : simulation.rhythm.pace / 1000,
      kept: simulation.kept.map(({ id, time, reasons }) => ({ time, ...(id === undefined ? {} : { id, short_id: shortId(id) }), matches: reasons })),
      days: simulation.forecasts.map(({ at, snapshots }) => ({ time: new Date(at).toISOString(), snapshots })),
    });
  }
  const days = roomByDay(simulated, stored).map(({ at, snapshots, low, expected, high }) => ({ time: new Date(at).toISOString(), snapshots, bytes_low: low, bytes_expected: expected, bytes_high: high }));
  terminal.json({ message_type: 'summary', bytes_stored: stored, days });
}

function print({ terminal, options }: CliContext, { groupBy, policy }: ForgetRequest, simulated: readonly Simulated[], stored: number): void {
  const { style } = terminal;
  for (const { group, simulation } of simulated) {
    const last = simulation.forecasts.at(-1);
    const rhythm = simulation.rhythm === undefined ? 'no new backups, since there are too few to tell a rhythm' : `a backup every ${formatDuration(simulation.rhythm.pace / 1000)}`;
    terminal.line(style.bold(visibleText(describeGroup(group.key, groupBy))));
    terminal.line(`On ${formatTime(new Date(last?.at ?? 0).toISOString())}, with ${rhythm}, the rules (${visibleText(describePolicy(policy))}) will have kept ${formatCounted(simulation.kept.length, 'snapshot')}:`);
    const rows = simulation.kept.toReversed().map(({ id, time, reasons }) => [id === undefined ? 'to come' : shortId(id), formatTime(time), visibleText(reasons.join(', '))]);
    terminal.lines(renderTable(terminal, [{ title: 'ID', style: style.cyan }, { title: 'Time' }, { title: 'Reasons', flexible: true }], rows));
    terminal.line();
  }
  const room = roomByDay(simulated, stored).at(-1);
  if (room === undefined) terminal.line('No snapshot matches.');
  else if (!options.quiet) terminal.line(`Room in the repository: ${formatBytes(stored)} now; then, after a prune, about ${formatBytes(room.expected)} (${formatBytes(room.low)} to ${formatBytes(room.high)})`);
}
