/** What a person should know of a chosen path before a backup of it begins. */
import type { MeasuredPath, MeasureProblem } from '../../../shared/contract/schemas/machine.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { messages } from './messages.ts';

export interface PathProblem {
  readonly text: string;
  /** Nothing of it can be saved. */
  readonly refused: boolean;
}

/** The gravest comes first. */
const order: readonly MeasureProblem['kind'][] = ['missing', 'inside_destination', 'special', 'holds_destination', 'unreadable'];

export function isRefused(measured: MeasuredPath | undefined): boolean {
  return measured?.problems.some(({ kind }) => kind === 'missing' || kind === 'inside_destination') === true || (measured?.type === 'special');
}

export function usePathProblem(measured: MeasuredPath | undefined): PathProblem | undefined {
  const { problems: t } = useMessages(messages);
  const kind = order.find((one) => measured?.problems.some((problem) => problem.kind === one));
  if (measured === undefined || kind === undefined) return undefined;
  const texts = { missing: t.missing, inside_destination: t.inside, special: t.special, holds_destination: t.holds, unreadable: t.unreadable(measured.problem_count), repeated: '' };
  return { text: texts[kind], refused: isRefused(measured) };
}

/** Folders of the copies that lie in chosen ones: a backup leaves them out. */
export function destinationsWithin(paths: readonly string[], measured: ReadonlyMap<string, MeasuredPath>): readonly string[] {
  return [...new Set(paths.flatMap((path) => measured.get(path)?.problems.flatMap((problem) => (problem.kind === 'holds_destination' ? [problem.path] : [])) ?? []))];
}
