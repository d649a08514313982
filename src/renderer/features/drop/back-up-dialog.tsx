/** Backs up chosen or dropped paths: what, with its size and what is wrong with it; in which of three ways; start. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { FilePlus, FolderPlus, Upload } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { Schedule } from '../../../shared/contract/schemas/plan.ts';
import { Button } from '../../components/button.tsx';
import { Dialog, DialogGap } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { baseName, parentPath, visibleText } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { plansQuery, repositoriesQuery } from '../../lib/queries.ts';
import { keys } from '../../lib/query-keys.ts';
import { navigate } from '../../lib/router.tsx';
import { useShell } from '../../lib/shell-state.ts';
import type { BackUpDialogName } from '../../lib/shell-state.ts';
import { useJobActions } from '../jobs/use-job-actions.ts';
import { destinationsWithin, isRefused } from '../paths/path-problem.ts';
import { Spinner } from '../paths/path-size.tsx';
import { sumOf } from '../paths/path-sum.ts';
import { useChoosePaths } from '../paths/use-choose-paths.tsx';
import { useMeasures } from '../paths/use-measures.ts';
import { ChosenPaths } from './chosen-paths.tsx';
import styles from './drop.module.css';
import { messages } from './messages.ts';
import { notIn, startBackUp, takeOutOf } from './start-back-up.ts';
import type { Wish } from './start-back-up.ts';
import { Ways } from './ways.tsx';
import type { Rhythm, WayDraft } from './ways.tsx';

/** The most that one backup takes by name. */
const mostPaths = 1000;
const schedules: Readonly<Record<Rhythm, Schedule>> = { hourly: { kind: 'hours', every: 1 }, daily: { kind: 'daily', at: '20:00' }, weekly: { kind: 'weekly', on: ['sunday'], at: '20:00' } };
const nothing: readonly string[] = [];

export function BackUpDialog({ given }: { readonly given: BackUpDialogName }): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const { client } = useHost();
  const cache = useQueryClient();
  const { attempt } = useJobActions();
  const { close, notify } = useShell.getState();
  const repositories = useQuery(repositoriesQuery(client)).data ?? [];
  const plans = useQuery(plansQuery(client)).data ?? [];
  const [paths, setPaths] = useState<readonly string[]>(() => [...new Set(given.paths)]);
  const [draft, setDraft] = useState<WayDraft>(() => ({ way: given.way === 'plan' && plans.length === 0 ? 'once' : (given.way ?? 'once'), repositoryId: given.way === 'plan' ? undefined : given.choice, planId: given.way === 'plan' ? given.choice : undefined, name: undefined, rhythm: 'hourly' }));
  const [error, setError] = useState<unknown>();
  const [sending, setSending] = useState(false);
  const chooser = useChoosePaths((added) => setPaths((before) => [...new Set([...before, ...added])]));
  const filesButton = useRef<HTMLButtonElement>(null);
  const startButton = useRef<HTMLButtonElement>(null);

  const plan = plans.find(({ plan_id: id }) => id === draft.planId) ?? plans[0];
  const repositoryId = draft.repositoryId ?? (repositories.find(({ kind }) => kind === 'embedded') ?? repositories[0])?.repository_id;
  const defaultName = t.newPlanName(baseName(paths[0] ?? ''));
  const name = draft.name === undefined || draft.name.trim() === '' ? defaultName : draft.name.trim();
  const wish: Wish = draft.way === 'plan' && plan !== undefined ? { way: 'plan', plan } : draft.way === 'new' ? { way: 'new', repositoryId, name, schedule: schedules[draft.rhythm] } : { way: 'once', repositoryId };
  const tooMany = paths.length > mostPaths;
  const measured = useMeasures(tooMany ? nothing : paths, { presets: [], repositoryId: (wish.way === 'plan' ? wish.plan.repository_id : repositoryId) ?? 'default' });
  const sum = sumOf(paths, measured);
  const kinds = paths.map((path) => measured.get(path)?.type);
  const ready = paths.length > 0 && !tooMany && !paths.some((path) => isRefused(measured.get(path)));
  const known = !tooMany && paths.length > 0 && kinds.every((kind) => kind === 'folder' || kind === 'file');
  const title = known ? t.titleOf(kinds.filter((kind) => kind === 'folder').length, kinds.filter((kind) => kind === 'file').length) : paths.length === 0 ? t.title : t.titleItems(paths.length);

  const hasPaths = paths.length > 0;
  useEffect(() => {
    if (hasPaths) startButton.current?.focus();
  }, [hasPaths]);

  const start = async (): Promise<void> => {
    if (sending || !ready) return;
    setSending(true);
    setError(undefined);
    try {
      const jobId = await startBackUp(client, wish, { paths, leaveOut: destinationsWithin(paths, measured) });
      if (wish.way !== 'once') void cache.invalidateQueries({ queryKey: keys.plans });
      if (wish.way === 'plan' && notIn(wish.plan, paths).length > 0) {
        const { plan: before } = wish;
        notify({ id: 'added-to-plan', tone: 'ok', title: t.added(notIn(before, paths).length, visibleText(before.name)), text: t.addedText, action: { label: t.undo, run: () => void attempt(t.undo, () => takeOutOf(client, before)) } });
      }
      close();
      navigate({ place: 'jobs', jobId });
    } catch (failure) {
      setError(failure);
      setSending(false);
    }
  };
  return (
    <Dialog
      onClose={close}
      icon={Upload}
      size="wide"
      title={title}
      description={t.text}
      onOpenAutoFocus={(event) => {
        event.preventDefault();
        (hasPaths ? startButton : filesButton).current?.focus();
      }}
      foot={
        <>
          <Button ref={filesButton} icon={FilePlus} onClick={() => chooser.choose('files')}>
            {t.files}
          </Button>
          <Button icon={FolderPlus} onClick={() => chooser.choose('folders')}>
            {t.folders}
          </Button>
          <DialogGap />
          <Button variant="quiet" onClick={close}>
            {t.close}
          </Button>
          <Button ref={startButton} variant="primary" aria-disabled={!ready || sending} onClick={() => void start()}>
            {t.start[wish.way]}
          </Button>
        </>
      }
    >
      {paths.length === 0 ? <NoPaths names={given.withoutPaths} /> : null}
      {tooMany ? <TooMany paths={paths} onChange={setPaths} /> : null}
      {hasPaths && !tooMany ? (
        <>
          <p className={styles['sum']} aria-live="polite">
            {sum.complete ? null : <Spinner />}
            {(sum.complete ? t.sum : t.sumSoFar)(f.bytes(sum.bytes), sum.files)}
          </p>
          <ChosenPaths paths={paths} measured={measured} onChange={setPaths} />
          <Ways draft={{ ...draft, repositoryId, planId: plan?.plan_id, way: wish.way }} defaultName={defaultName} repositories={repositories} plans={plans} onChange={(change) => setDraft((before) => ({ ...before, ...change }))} />
          {wish.way === 'plan' && notIn(wish.plan, paths).length === 0 ? <p className="small t2">{t.inPlan(visibleText(wish.plan.name))}</p> : null}
        </>
      ) : null}
      {error === undefined ? null : (
        <div className={styles['error']}>
          <ErrorPanel error={error} />
        </div>
      )}
      {chooser.dialog}
    </Dialog>
  );
}

function NoPaths({ names }: { readonly names: readonly string[] | undefined }): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  if (names === undefined) return <p className={styles['none']}>{t.none}</p>;
  return (
    <div className={styles['none']} role="status">
      <p className="strong">{t.browserTitle}</p>
      <p>{names.length === 0 || names.length > 3 ? t.browserText : t.browserNames(f.list(names.map((name) => visibleText(name))))}</p>
    </div>
  );
}

/** Nothing is left out silently: the folders that hold them are one step away. */
function TooMany({ paths, onChange }: { readonly paths: readonly string[]; readonly onChange: (paths: readonly string[]) => void }): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const folders = [...new Set(paths.map(parentPath))].filter((folder) => folder !== '');
  const [first] = folders;
  return (
    <div className={styles['none']} role="status">
      <p className="strong">{t.tooMany(f.number(paths.length), f.number(mostPaths))}</p>
      <p>{t.tooManyText}</p>
      {first === undefined || folders.length > mostPaths ? null : (
        <Button variant="primary" onClick={() => onChange(folders)}>
          {folders.length === 1 ? t.takeFolder(visibleText(baseName(first))) : t.takeFolders(folders.length)}
        </Button>
      )}
    </div>
  );
}
