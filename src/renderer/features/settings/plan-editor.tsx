/** A plan that is made or changed: files and times; kept as a draft until it is saved. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CalendarClock, Ellipsis, FolderX, Play, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Plan } from '../../../shared/contract/schemas/plan.ts';
import type { Repository } from '../../../shared/contract/schemas/repository.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Segments, Select } from '../../components/controls.tsx';
import { EmptyState, NameText, Skeleton } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { Menu, MenuItem, MenuLine } from '../../components/menu.tsx';
import { Pause } from '../../components/pause-icon.ts';
import { visibleText } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { plansQuery, repositoriesQuery } from '../../lib/queries.ts';
import { keys } from '../../lib/query-keys.ts';
import { navigate, useSearch } from '../../lib/router.tsx';
import { DeletePlan } from './delete-plan.tsx';
import { editableOf, emptyPlan, isSame, newPlanId, usePlanDrafts } from './plan-draft.ts';
import type { PlanDraft } from './plan-draft.ts';
import { PlanFiles } from './plan-files.tsx';
import { messages } from './plan-messages.ts';
import { PlanWhen, useNextRuns } from './plan-when.tsx';
import styles from './plan.module.css';
import { usePlanActions } from './use-plan-actions.ts';

export function PlanEditor({ planId }: { readonly planId: string }): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const plans = useQuery(plansQuery(client));
  const repositories = useQuery(repositoriesQuery(client));
  const error = plans.error ?? repositories.error;
  if (plans.data === undefined || repositories.data === undefined) return error === null ? <Skeleton rows={5} /> : <ErrorPanel error={error} />;
  const plan = plans.data.find((one) => one.plan_id === planId);
  if (plan === undefined && planId !== newPlanId) return <EmptyState icon={FolderX} title={t.notFound} text={t.notFoundText} />;
  const [first] = repositories.data;
  if (first === undefined) {
    return (
      <EmptyState icon={CalendarClock} title={t.noPlaces} text={t.noPlacesText}>
        <Button variant="primary" onClick={() => navigate({ place: 'first-run' })}>
          {t.setUp}
        </Button>
      </EmptyState>
    );
  }
  return <Editor key={planId} planId={planId} plan={plan} saved={plan === undefined ? emptyPlan(first.repository_id) : editableOf(plan)} repositories={repositories.data} />;
}

interface EditorProps {
  readonly planId: string;
  /** Undefined: not made yet. */
  readonly plan: Plan | undefined;
  readonly saved: PlanDraft;
  readonly repositories: readonly Repository[];
}

function Editor({ planId, plan, saved, repositories }: EditorProps): ReactNode {
  const t = useMessages(messages);
  const tab = useSearch().get('tab') === 'when' ? 'when' : 'files';
  const { drafts, keep } = usePlanDrafts();
  const draft = drafts[planId] ?? saved;
  const change = (more: Partial<PlanDraft>): void => keep(planId, { ...draft, ...more });
  return (
    <div className={styles['editor']}>
      <div className={styles['scroll']}>
        <h2 className={styles['head']}>
          <span className="cut">{draft.name === '' ? t.newPlan : <NameText>{draft.name}</NameText>}</span>
          <Segments
            label={t.pages}
            value={tab}
            choices={[
              { value: 'files', label: t.files },
              { value: 'when', label: t.when },
            ]}
            onChange={(chosen) => navigate(`/settings/plan-${planId}${chosen === 'when' ? '?tab=when' : ''}`, { replace: true })}
          />
          <span className="grow" />
          <Select label={t.place} value={draft.repository_id} choices={repositories.map((repository) => ({ value: repository.repository_id, label: visibleText(repository.name) }))} onChange={(repositoryId) => change({ repository_id: repositoryId })} />
          {plan === undefined ? null : <PlanMenu plan={plan} />}
        </h2>
        {tab === 'when' ? <PlanWhen draft={draft} onChange={change} /> : <PlanFiles draft={draft} onChange={change} />}
      </div>
      <EditorFoot planId={planId} plan={plan} draft={draft} changed={!isSame(draft, saved)} />
    </div>
  );
}

function PlanMenu({ plan }: { readonly plan: Plan }): ReactNode {
  const t = useMessages(messages);
  const actions = usePlanActions();
  const [deleting, setDeleting] = useState(false);
  return (
    <>
      <Menu trigger={<IconButton icon={Ellipsis} label={t.more} />}>
        {plan.paused_until === null ? (
          <MenuItem icon={Pause} onSelect={() => actions.pause(plan)}>
            {t.pause}
          </MenuItem>
        ) : (
          <MenuItem icon={Play} onSelect={() => actions.resume(plan)}>
            {t.resume}
          </MenuItem>
        )}
        <MenuLine />
        <MenuItem icon={Trash2} dangerous onSelect={() => setDeleting(true)}>
          {t.delete}
        </MenuItem>
      </Menu>
      {deleting ? <DeletePlan plan={plan} onClose={() => setDeleting(false)} /> : null}
    </>
  );
}

interface EditorFootProps {
  readonly planId: string;
  readonly plan: Plan | undefined;
  readonly draft: PlanDraft;
  readonly changed: boolean;
}

function EditorFoot({ planId, plan, draft, changed }: EditorFootProps): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const now = useNow(30_000);
  const { client } = useHost();
  const cache = useQueryClient();
  const actions = usePlanActions();
  const discard = usePlanDrafts((store) => store.discard);
  const runs = useNextRuns(draft);
  const save = useMutation({
    mutationFn: () => {
      const content = { ...draft, name: draft.name.trim() };
      return plan === undefined ? client.add_plan(content) : client.update_plan({ ...content, plan_id: planId });
    },
    onSuccess: async (kept) => {
      await cache.invalidateQueries({ queryKey: keys.plans });
      discard(planId);
      if (plan === undefined) navigate(`/settings/plan-${kept.plan_id}${location.search}`, { replace: true });
    },
  });
  const missing = draft.name.trim() === '' ? t.missingName : draft.paths.length === 0 ? t.missingPaths : draft.schedule.kind === 'weekly' && draft.schedule.on.length === 0 ? t.missingDays : undefined;
  const paused = plan?.paused_until ?? null;
  const next = draft.enabled && runs !== undefined && runs.length > 0 ? t.nextRuns(f.list(runs.slice(0, 3).map((run) => f.moment(run, now)))) : t.noRun;
  const word = missing ?? (paused === null ? next : paused.startsWith('9999') ? t.pausedPlan : t.pausedUntil(f.moment(new Date(paused), now)));
  return (
    <div className={styles['foot']}>
      {save.error === null ? null : <ErrorPanel error={save.error} />}
      <div className="row">
        <span className="small t2 grow">{word}</span>
        {changed || plan === undefined ? (
          <>
            <Button
              disabled={save.isPending || !changed}
              onClick={() => {
                save.reset();
                discard(planId);
              }}
            >
              {t.discard}
            </Button>
            <Button variant="primary" disabled={save.isPending || missing !== undefined} onClick={() => save.mutate()}>
              {plan === undefined ? t.create : t.save}
            </Button>
          </>
        ) : (
          <Button icon={Play} onClick={() => actions.run(plan)}>
            {t.runNow}
          </Button>
        )}
      </div>
    </div>
  );
}
