/** Files and bytes of a plan's paths, with and without what it leaves out; counted anew when either changes. */
import { useEffect, useState } from 'react';
import type { Measure } from '../../../shared/contract/schemas/machine.ts';
import type { Excludes } from '../../../shared/contract/schemas/plan.ts';
import { Failure } from '../../../shared/errors.ts';
import { useHost } from '../../lib/host/host.ts';

/** Four redraws a second at most. */
const pollMs = 300;
/** While a person types patterns nothing is counted. */
const settleMs = 500;

export interface PlanMeasure {
  readonly kept: Measure | undefined;
  readonly everything: Measure | undefined;
}

export function usePlanMeasure(paths: readonly string[], excludes: Excludes, repositoryId: string): PlanMeasure {
  return { kept: useMeasure(paths, excludes, repositoryId), everything: useMeasure(paths, nothingLeftOut, repositoryId) };
}

const nothingLeftOut: Excludes = { presets: [], patterns: [], ignore_case_patterns: [], one_file_system: false };

function useMeasure(paths: readonly string[], excludes: Excludes, repositoryId: string): Measure | undefined {
  const { client } = useHost();
  const [measure, setMeasure] = useState<Measure>();
  const question = JSON.stringify({ paths, excludes, repository_id: repositoryId });
  useEffect(() => {
    const asked = JSON.parse(question) as { paths: string[]; excludes: Excludes; repository_id: string };
    if (asked.paths.length === 0) {
      setMeasure(undefined);
      return undefined;
    }
    let over = false;
    let id: string | undefined;
    const forget = (measureId: string): void => void client.cancel_measure({ measure_id: measureId }).catch(ignoreRefusal);
    const follow = async (): Promise<void> => {
      let found = await client.start_measure(asked);
      id = found.measure_id;
      if (over) return forget(id);
      for (;;) {
        setMeasure(found);
        if (found.state !== 'running') return;
        await new Promise((resolve) => setTimeout(resolve, pollMs));
        if (over) return;
        found = await client.get_measure({ measure_id: id });
      }
    };
    const timer = setTimeout(() => void follow().catch(ignoreRefusal), settleMs);
    return () => {
      over = true;
      clearTimeout(timer);
      if (id !== undefined) forget(id);
    };
  }, [client, question]);
  return measure;
}

/** A pattern that is not complete yet, or an agent that is away: what was counted so far stays. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof Failure)) throw error;
}
