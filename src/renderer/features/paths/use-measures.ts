/**
 * Files and bytes of chosen paths, counted by the agent while the person decides.
 *
 * Invariants: a path is counted once, however often the list changes; other rules of what is left out, or another place for
 * the copies, begin anew; a count ends with the screen.
 */
import { useEffect, useRef, useState } from 'react';
import type { MeasuredPath } from '../../../shared/contract/schemas/machine.ts';
import type { ExcludePreset } from '../../../shared/contract/schemas/plan.ts';
import { Failure } from '../../../shared/errors.ts';
import { useHost } from '../../lib/host/host.ts';

/** Four redraws a second at most. */
const pollMs = 300;

export interface MeasureRules {
  readonly presets: readonly ExcludePreset[];
  readonly repositoryId?: string;
}

export function useMeasures(paths: readonly string[], rules: MeasureRules): ReadonlyMap<string, MeasuredPath> {
  const { client } = useHost();
  const [measured, setMeasured] = useState<ReadonlyMap<string, MeasuredPath>>(new Map());
  const asked = useRef(new Set<string>());
  const running = useRef(new Set<string>());
  const ruleKey = JSON.stringify([rules.presets, rules.repositoryId]);
  const pathKey = paths.join('\0');

  useEffect(() => {
    const ids = running.current;
    const known = asked.current;
    return () => {
      known.clear();
      setMeasured(new Map());
      for (const id of ids) void client.cancel_measure({ measure_id: id }).catch(ignoreForgotten);
      ids.clear();
    };
  }, [client, ruleKey]);

  useEffect(() => {
    const fresh = pathKey === '' ? [] : pathKey.split('\0').filter((path) => !asked.current.has(path));
    if (fresh.length === 0) return;
    for (const path of fresh) asked.current.add(path);
    const [presets, repositoryId] = JSON.parse(ruleKey) as [ExcludePreset[], string | undefined];
    const ids = running.current;
    const known = asked.current;
    const follow = async (): Promise<void> => {
      const started = await client.start_measure({ paths: fresh, excludes: { presets }, ...(typeof repositoryId === 'string' ? { repository_id: repositoryId } : {}) });
      ids.add(started.measure_id);
      for (let measure = started; ; measure = await client.get_measure({ measure_id: started.measure_id })) {
        // The screen is gone, or the rules are others by now.
        if (!ids.has(started.measure_id) || !known.has(fresh[0] ?? '')) return;
        setMeasured((before) => new Map([...before, ...measure.paths.map((path) => [path.path, path] as const)]));
        if (measure.state !== 'running') return;
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
    };
    void follow().catch(ignoreForgotten);
  }, [client, ruleKey, pathKey]);

  return measured;
}

/** A count that the agent forgot, or an agent that is away: what was counted so far stays. */
function ignoreForgotten(error: unknown): void {
  if (!(error instanceof Failure)) throw error;
}
