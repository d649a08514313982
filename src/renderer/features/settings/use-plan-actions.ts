/** What a person does with a plan besides changing it. Whatever is refused becomes a notice. */
import { useQueryClient } from '@tanstack/react-query';
import type { Plan } from '../../../shared/contract/schemas/plan.ts';
import { visibleText } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { keys } from '../../lib/query-keys.ts';
import { navigate } from '../../lib/router.tsx';
import { useShell } from '../../lib/shell-state.ts';
import { useJobActions } from '../jobs/use-job-actions.ts';
import { messages } from './plan-messages.ts';

export interface PlanActions {
  readonly run: (plan: Plan) => void;
  readonly pause: (plan: Plan) => void;
  readonly resume: (plan: Plan) => void;
  /** At once; the notice brings it back. True where it was deleted. */
  readonly remove: (plan: Plan) => Promise<boolean>;
}

export function usePlanActions(): PlanActions {
  const t = useMessages(messages);
  const { client } = useHost();
  const cache = useQueryClient();
  const { attempt } = useJobActions();
  const { notify } = useShell.getState();
  const again = () => cache.invalidateQueries({ queryKey: keys.plans });
  const restore = async (plan: Plan): Promise<void> => {
    await client.restore_plan({ plan_id: plan.plan_id });
    await again();
    notify({ id: `deleted-${plan.plan_id}`, tone: 'ok', title: t.undone(visibleText(plan.name)) });
  };
  return {
    run: (plan) =>
      void attempt(t.runNow, async () => {
        const { job_id: jobId } = await client.run_plan({ plan_id: plan.plan_id });
        notify({ id: `run-${plan.plan_id}`, tone: 'ok', title: t.started(visibleText(plan.name)), action: { label: t.showJob, run: () => navigate({ place: 'jobs', jobId }) } });
      }),
    pause: (plan) =>
      void attempt(t.pause, async () => {
        await client.pause_plan({ plan_id: plan.plan_id });
        await again();
      }),
    resume: (plan) =>
      void attempt(t.resume, async () => {
        await client.resume_plan({ plan_id: plan.plan_id });
        await again();
      }),
    remove: (plan) =>
      attempt(t.deleteGo, async () => {
        await client.remove_plan({ plan_id: plan.plan_id });
        await again();
        notify({ id: `deleted-${plan.plan_id}`, tone: 'idle', title: t.deleted(visibleText(plan.name)), text: t.deletedText, action: { label: t.undo, run: () => void attempt(t.undo, () => restore(plan)) } });
      }),
  };
}
