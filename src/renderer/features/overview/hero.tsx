/** The one sentence that answers whether the data is safe, and the two things to do. */
import { ChevronDown, FolderPlus, Play, RotateCw, ShieldCheck, ShieldEllipsis, SlidersHorizontal, TriangleAlert, Upload, WifiOff } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Job } from '../../../shared/contract/schemas/job.ts';
import type { Plan } from '../../../shared/contract/schemas/plan.ts';
import type { Repository } from '../../../shared/contract/schemas/repository.ts';
import { Button, IconButton, SplitButton } from '../../components/button.tsx';
import { Menu, MenuItem } from '../../components/menu.tsx';
import { visibleText } from '../../lib/display-text.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { navigate } from '../../lib/router.tsx';
import { useShell } from '../../lib/shell-state.ts';
import { useJobActions } from '../jobs/use-job-actions.ts';
import { messages } from './messages.ts';
import styles from './overview.module.css';
import type { Protection } from './protection.ts';

interface HeroProps {
  readonly protection: Protection;
  readonly plans: readonly Plan[];
  readonly active: readonly Job[];
  readonly repositories: readonly Repository[];
  readonly now: Date;
}

export function Hero({ protection, plans, active, repositories, now }: HeroProps): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const actions = useJobActions();
  const open = useShell((shell) => shell.open);
  const { icon: Icon, tone, title, text } = useSentence(protection, repositories, now);
  const until = plans.find((plan) => plan.paused_until !== null && plan.paused_until > now.toISOString())?.paused_until;
  const paused = active.some((job) => job.state === 'paused') || until !== undefined;
  const pausedText = !paused ? '' : until === undefined || until === null || until.startsWith('9999') ? ` ${t.paused}` : ` ${t.pausedUntil(f.moment(new Date(until), now))}`;
  const enabled = plans.filter((plan) => plan.enabled);
  return (
    <div className={styles['hero']}>
      <span className={`${styles['seal'] ?? ''} ${styles[`seal-${tone}`] ?? ''}`}>
        <Icon size={26} strokeWidth={1.75} aria-hidden />
      </span>
      <div className="grow">
        <h1>{title}</h1>
        <p>
          {text}
          {pausedText}
        </p>
      </div>
      {paused ? (
        <Button icon={Play} onClick={() => actions.resumeAll()}>
          {t.resume}
        </Button>
      ) : null}
      {protection.kind === 'unreachable' ? (
        <Button icon={SlidersHorizontal} onClick={() => navigate({ place: 'settings', page: 'repositories' })}>
          {t.connection}
        </Button>
      ) : (
        <Button icon={FolderPlus} onClick={() => open({ name: 'back-up', paths: [] })}>
          {t.backUpFiles}
        </Button>
      )}
      {protection.kind === 'unreachable' ? (
        <Button variant="primary" icon={RotateCw} onClick={() => protection.jobs.forEach((job) => actions.retry(job.job_id))}>
          {t.tryNow}
        </Button>
      ) : protection.kind === 'unplanned' ? (
        <Button variant="primary" onClick={() => navigate({ place: 'first-run' })}>
          {t.makePlan}
        </Button>
      ) : enabled.length === 0 ? null : (
        <SplitButton>
          <Button variant="primary" onClick={() => enabled.forEach((plan) => actions.runPlan(plan.plan_id))}>
            {t.backUpNow}
          </Button>
          <Menu trigger={<IconButton variant="primary" icon={ChevronDown} label={t.choosePlan} />}>
            {enabled.map((plan) => (
              <MenuItem key={plan.plan_id} icon={Upload} onSelect={() => actions.runPlan(plan.plan_id)}>
                {t.runPlan(visibleText(plan.name))}
              </MenuItem>
            ))}
          </Menu>
        </SplitButton>
      )}
    </div>
  );
}

interface Sentence {
  readonly icon: LucideIcon;
  readonly tone: 'ok' | 'warn' | 'accent';
  readonly title: string;
  readonly text: string;
}

function useSentence(protection: Protection, repositories: readonly Repository[], now: Date): Sentence {
  const t = useMessages(messages);
  const f = useFormat();
  const names = (plans: readonly Plan[]): string => f.list(plans.map((plan) => visibleText(plan.name)));
  switch (protection.kind) {
    case 'nothing':
      return { icon: ShieldEllipsis, tone: 'accent', title: t.nothingYet, text: t.nothingYetText };
    case 'unreachable': {
      const name = repositories.find((repository) => repository.repository_id === protection.repositoryId)?.name ?? protection.repositoryId;
      return { icon: WifiOff, tone: 'warn', title: t.unreachable(visibleText(name)), text: t.unreachableText(protection.jobs.length) };
    }
    case 'attention':
      return { icon: TriangleAlert, tone: 'warn', title: t.needYou(protection.failing.length + protection.overdue.length), text: [protection.failing.length === 0 ? '' : t.needYouText(names(protection.failing)), protection.overdue.length === 0 ? '' : t.overdueText(names(protection.overdue), protection.overdue.length)].filter((part) => part !== '').join(' ') };
    case 'first':
      return { icon: Upload, tone: 'accent', title: t.firstTime, text: t.firstTimeText };
    case 'ready':
      return { icon: ShieldEllipsis, tone: 'accent', title: t.readyTitle, text: t.noneYet };
    case 'unplanned':
      return { icon: ShieldEllipsis, tone: 'accent', title: t.unplanned, text: t.unplannedText(f.ago(protection.newest, now)) };
    default:
      return { icon: ShieldCheck, tone: 'ok', title: t.allBackedUp, text: [t.newest(f.ago(protection.newest, now)), protection.away.length === 0 ? '' : t.away(names(protection.away), protection.away.length), protection.lagging.length === 0 ? '' : t.lagging(names(protection.lagging), protection.lagging.length)].filter((part) => part !== '').join(' ') };
  }
}
