/** The first run: what, where, password. It ends with a backup that runs. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Check, ShieldCheck } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { DragEvent, ReactNode } from 'react';
import type { Machine, Place } from '../../../shared/contract/schemas/machine.ts';
import { Button } from '../../components/button.tsx';
import { KeyCap, PathText, Skeleton } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { baseName } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { navigate, Link } from '../../lib/router.tsx';
import { useShell } from '../../lib/shell-state.ts';
import { isRefused } from '../paths/path-problem.ts';
import { smallestFirst, sumOf } from '../paths/path-sum.ts';
import { useMeasures } from '../paths/use-measures.ts';
import type { Draft } from './draft.ts';
import { shownUrl, startFirstBackup } from './draft.ts';
import styles from './first-run.module.css';
import { messages } from './messages.ts';
import { StepPassword } from './step-password.tsx';
import { StepWhat } from './step-what.tsx';
import { StepWhere } from './step-where.tsx';
import { useConnectionTest } from './use-connection-test.ts';
import { useStrength } from './use-strength.ts';

type Step = 1 | 2 | 3;

const leastScore = 3;

export function FirstRunScreen(): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const places = useQuery({ queryKey: ['places'], queryFn: async () => (await client.list_places()).places });
  const machine = useQuery({ queryKey: ['machine'], queryFn: () => client.get_machine(), gcTime: 0 });
  if (places.data !== undefined && machine.data !== undefined) return <Wizard places={places.data} machine={machine.data} />;
  const error = places.error ?? machine.error;
  if (error === null) return <Skeleton rows={5} />;
  return (
    <div className={styles['failed']}>
      <ErrorPanel error={error}>
        <Button variant="primary" onClick={() => void Promise.all([places.refetch(), machine.refetch()])}>
          {t.retry}
        </Button>
        <Button onClick={() => navigate({ place: 'overview' })}>{t.skip}</Button>
      </ErrorPanel>
    </div>
  );
}

function Wizard({ places, machine }: { readonly places: readonly Place[]; readonly machine: Machine }): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const { client, capabilities } = useHost();
  const cache = useQueryClient();
  const notify = useShell((shell) => shell.notify);
  const [step, setStep] = useState<Step>(1);
  const listed = useMemo(() => places.filter(({ kind }) => !['home', 'root', 'drive'].includes(kind)), [places]);
  const [added, setAdded] = useState<readonly string[]>([]);
  const [draft, setDraft] = useState<Draft>(() => ({ paths: preselected(listed), presets: ['caches', 'build-output', 'trash'], kind: 'computer', address: '', user: machine.username, serverPassword: '', folder: '', fingerprint: undefined, password: '', generated: false, sheetSaved: false }));
  const change = useCallback((more: Partial<Draft>) => setDraft((before) => ({ ...before, ...more })), []);
  const measured = useMeasures([...listed.map(({ path }) => path), ...added], { presets: draft.presets, ...(draft.kind === 'computer' ? { repositoryId: 'default' } : {}) });
  const check = useConnectionTest(draft);
  const score = useStrength(step === 3 ? draft.password : '');

  const isKnown = draft.kind === 'computer' && machine.default_repository.exists;
  const existing = isKnown ? 'default' : check.result?.exists === true && draft.kind !== 'computer' ? 'copies' : 'none';
  const sum = sumOf(draft.paths, measured);
  const order = smallestFirst(draft.paths, measured);
  const refused = draft.paths.some((path) => isRefused(measured.get(path)));
  const start = useMutation({
    mutationFn: () => startFirstBackup(client, { draft, paths: order, existing, leaveOut: [...(draft.kind === 'drive' ? [draft.folder] : []), ...(draft.kind === 'computer' ? [machine.default_repository.path] : [])], planName: t.planName }),
    onSuccess: () => {
      void cache.invalidateQueries();
      notify({ id: 'first-run', tone: 'ok', title: t.started, text: t.startedText(baseName(order[0] ?? '')) });
      navigate({ place: 'overview' });
    },
  });

  const ready: Readonly<Record<Step, boolean>> = {
    1: draft.paths.length > 0 && !refused,
    2: draft.kind === 'computer' || (check.result?.reachable === true && check.result.exists !== null && (check.result.certificate_fingerprint === null || draft.fingerprint === check.result.certificate_fingerprint)),
    3: existing === 'copies' ? draft.password !== '' : draft.sheetSaved && (existing === 'default' || (score ?? 0) >= leastScore),
  };
  const go = (): void => {
    if (!ready[step] || start.isPending) return;
    if (step === 3) start.mutate();
    else setStep(step === 1 ? 2 : 3);
  };
  const titles: Readonly<Record<Step, readonly [title: string, lead: string]>> = {
    1: [t.whatTitle, t.whatLead],
    2: [t.whereTitle, t.whereLead],
    3: existing === 'none' ? [t.passwordTitle, t.passwordLead] : existing === 'copies' ? [t.existingTitle, t.existingLead] : [t.knownTitle, t.knownLead],
  };
  const [title, lead] = titles[step];
  const takeDrop = (event: DragEvent): void => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    if (event.type !== 'drop' || step !== 1) return;
    const paths = capabilities.pathsOf?.([...event.dataTransfer.files]).filter((path) => path !== '') ?? [];
    if (paths.length > 0) addPaths(paths);
    else notify({ id: 'drop', tone: 'warn', title: capabilities.pathsOf === undefined ? t.noPaths : t.noFile, text: t.noFileText });
  };
  return (
    <div className={styles['wizard']} onDragOver={takeDrop} onDrop={takeDrop}>
      <div className={styles['titlebar']} />
      <div className={styles['sheet']}>
        <Aside step={step} whatDone={t.whatDone(format.bytes(sum.bytes), draft.paths.length)} whereDone={draft.kind === 'computer' ? t.computer : draft.kind === 'drive' ? t.drive : t.server} />
        <form
          className={styles['content']}
          onSubmit={(event) => {
            event.preventDefault();
            go();
          }}
        >
          <div className={styles['body']}>
            <Heading key={step} title={title} focus={step !== 1} />
            <p className={styles['lead']}>{lead}</p>
            {step === 1 ? <StepWhat draft={draft} places={listed} added={added} measured={measured} onChange={change} onAdd={(paths) => addPaths(paths)} /> : null}
            {step === 2 ? <StepWhere draft={draft} drives={places.filter(({ kind }) => kind === 'drive')} check={check} computerFree={places.find(({ kind }) => kind === 'home')?.free_bytes ?? null} onChange={change} /> : null}
            {step === 3 ? <StepPassword draft={draft} existing={existing} score={score} onChange={change} /> : null}
            {start.error === null ? null : (
              <div className={styles['error']}>
                <ErrorPanel error={start.error} />
              </div>
            )}
          </div>
          <footer className={styles['foot']}>
            {step === 1 ? null : (
              <Button variant="quiet" onClick={() => setStep(step === 3 ? 2 : 1)}>
                {t.back}
              </Button>
            )}
            <div>{footText()}</div>
            <Button type="submit" variant="primary" disabled={!ready[step] || start.isPending} {...(step === 3 ? { icon: ShieldCheck } : {})}>
              {step < 3 ? t.next : start.isPending ? t.starting : t.start}
              {step < 3 ? <KeyCap>↵</KeyCap> : null}
            </Button>
          </footer>
        </form>
      </div>
    </div>
  );

  function addPaths(paths: readonly string[]): void {
    const fresh = paths.filter((path) => !added.includes(path) && listed.every((place) => place.path !== path));
    setAdded([...added, ...fresh]);
    change({ paths: [...new Set([...draft.paths, ...paths])] });
  }

  function footText(): ReactNode {
    if (step === 1) {
      if (draft.paths.length === 0) return <span className="t2">{t.nothingChosen}</span>;
      return (
        <>
          <span className="strong">{(sum.complete ? t.sum : t.sumSoFar)(format.bytes(sum.bytes), draft.paths.length)}</span>
          <p className="small t2">{t.meanwhile}</p>
        </>
      );
    }
    if (step === 2) {
      const where = draft.kind === 'computer' ? machine.default_repository.path : check.url === undefined ? undefined : shownUrl(check.url);
      if (where === undefined) return null;
      return (
        <p className="small t2">
          {existing === 'none' ? t.madeAt : t.usedAt} <PathText path={where} />
        </p>
      );
    }
    const [first] = order;
    if (!draft.sheetSaved && existing !== 'copies') return <p className="small t2">{t.sheetFirst}</p>;
    return first === undefined ? null : <p className="small t2">{t.goesFirst(baseName(first), format.bytes(measured.get(first)?.bytes ?? 0))}</p>;
  }
}

/** Documents and Desktop, and the folder that changed last. */
function preselected(places: readonly Place[]): string[] {
  const personal = places.filter(({ kind }) => kind === 'documents' || kind === 'desktop');
  const recent = places.filter(({ kind }) => kind === 'folder').slice(0, personal.length === 0 ? 3 : 1);
  return [...personal, ...recent].map(({ path }) => path);
}

/** The heading gets the focus with each step, so that a reader tells where it is. */
function Heading({ title, focus }: { readonly title: string; readonly focus: boolean }): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (focus) heading.current?.focus();
  }, [focus]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {title}
    </h1>
  );
}

function Aside({ step, whatDone, whereDone }: { readonly step: Step; readonly whatDone: string; readonly whereDone: string }): ReactNode {
  const t = useMessages(messages);
  const steps = [
    { name: t.what, hint: step > 1 ? whatDone : t.whatHint },
    { name: t.where, hint: step > 2 ? whereDone : t.whereHint },
    { name: t.password, hint: t.passwordHint },
  ];
  return (
    <aside className={styles['side']}>
      <svg width="36" height="36" viewBox="0 0 24 24" aria-hidden>
        <rect width="24" height="24" rx="6.5" fill="var(--accent)" />
        <path d="M16.8 8.3A6.1 6.1 0 1 0 16.8 15.7" fill="none" stroke="#fff" strokeWidth="2.3" strokeLinecap="round" />
        <circle cx="16.9" cy="12" r="1.9" fill="#fff" />
      </svg>
      <h2>{t.welcome}</h2>
      <p className="t2">{t.intro}</p>
      <ol className={styles['steps']} aria-label={t.steps}>
        {steps.map(({ name, hint }, index) => (
          <li key={name} aria-current={index + 1 === step ? 'step' : undefined} data-done={index + 1 < step ? '' : undefined}>
            <span className={styles['number']}>{index + 1 < step ? <Check size={13} strokeWidth={2.5} aria-hidden /> : index + 1}</span>
            <span>
              <b>{name}</b>
              <p>{hint}</p>
            </span>
          </li>
        ))}
      </ol>
      <div className={styles['later']}>
        <p className="small t3">{t.later}</p>
        <div className="small">
          <Link to={{ place: 'settings', page: 'repositories' }}>{t.openExisting}</Link>
          <Link to={{ place: 'overview' }}>{t.skip}</Link>
        </div>
      </div>
    </aside>
  );
}
