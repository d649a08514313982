/** Where and how to restore; says what will happen before it does. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { History, ShieldCheck, TriangleAlert } from 'lucide-react';
import { RadioGroup } from 'radix-ui';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import type { RestorePreview, Snapshot } from '../../../shared/contract/schemas/repository.ts';
import { Button } from '../../components/button.tsx';
import { Select, Switch } from '../../components/controls.tsx';
import { Dialog, DialogGap } from '../../components/dialog.tsx';
import { PathText } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { baseName, visibleText } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { navigate } from '../../lib/router.tsx';
import { useShell } from '../../lib/shell-state.ts';
import { exactPattern } from '../paths/exact-pattern.ts';
import { useChoosePaths } from '../paths/use-choose-paths.tsx';
import { messages } from './messages.ts';
import { originalFolder } from './restore-target.ts';
import styles from './restore.module.css';
import { countOf, namesOf } from './selection.ts';
import type { Selection } from './selection.ts';

type Place = 'beside' | 'original' | 'another';
type Overwrite = 'always' | 'if-changed' | 'if-newer' | 'never';

interface RestoreDialogProps {
  readonly repositoryId: string;
  readonly snapshot: Snapshot;
  /** Folder of the snapshot that the entries are in. */
  readonly folder: string;
  /** Nothing chosen: the whole folder. */
  readonly selection: Selection;
  /** Entries of the folder. */
  readonly total: number;
  readonly onClose: () => void;
}

export function RestoreDialog({ repositoryId, snapshot, folder, selection, total, onClose }: RestoreDialogProps): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const { client, platform } = useHost();
  const notify = useShell((shell) => shell.notify);
  const [opened] = useState(() => new Date());
  const [place, setPlace] = useState<Place>('beside');
  const [chosen, setChosen] = useState<string>();
  const [overwrite, setOverwrite] = useState<Overwrite>('if-changed');
  const [verify, setVerify] = useState(true);
  const id = useId();
  const home = useQuery({ queryKey: ['machine'], queryFn: () => client.get_machine(), gcTime: 0 });
  const choosing = useChoosePaths(([path]) => {
    setChosen(path);
    setPlace('another');
  });
  const when = format.moment(new Date(snapshot.time), opened);
  const original = originalFolder(folder, platform);
  // The root has no folder beside it.
  const base = folder === '/' ? home.data?.home_folder : original;
  const stamp = format.dateTime(opened).replaceAll(':', '.').replaceAll('/', '-');
  const beside = base === undefined ? undefined : t.besideName(base, stamp);
  const target = place === 'beside' ? beside : place === 'original' ? original : chosen;
  const look = useQuery({ queryKey: ['restore-target', target], queryFn: () => client.look_at_target({ path: target ?? '' }), enabled: target !== undefined, staleTime: 0, retry: false });
  const { names, except } = namesOf(selection);
  const count = countOf(selection, total);
  const preview = useQuery({
    queryKey: ['restore-preview', repositoryId, snapshot.id, folder, names, except, target],
    queryFn: () => client.preview_restore({ repository_id: repositoryId, snapshot: snapshot.id, path: folder, names, except, target: target ?? '' }),
    enabled: target !== undefined,
    staleTime: 0,
    retry: false,
  });
  const problem = problemOf();
  const sum = preview.data === undefined ? undefined : summed(preview.data);
  const calm = problem === undefined && (sum === undefined || sum.replaced === 0);
  const restore = useMutation({
    mutationFn: () =>
      client.start_restore({
        repository_id: repositoryId,
        snapshot: snapshot.id,
        target: target ?? '',
        overwrite: place === 'beside' ? 'if-changed' : overwrite,
        verify,
        ...(folder === '/' ? {} : { subpath: folder }),
        ...(names.length === 0 ? {} : { include: names.map((name) => exactPattern(`/${name}`)) }),
        ...(except.length === 0 ? {} : { exclude: except.map((name) => exactPattern(`/${name}`)) }),
      }),
    onSuccess: ({ job_id: jobId }) => {
      notify({ id: `restore-${jobId}`, tone: 'ok', title: t.started, text: t.startedText(visibleText(target ?? '')), action: { label: t.show, run: () => navigate({ place: 'jobs', jobId }) } });
      onClose();
    },
  });
  const title = count > 0 ? t.dialogTitle(count, when) : t.dialogFolder(folder === '/' ? t.everything : visibleText(baseName(folder)), when);
  const places: readonly { readonly place: Place; readonly name: string; readonly path: string | undefined }[] = [
    { place: 'beside', name: t.beside, path: beside },
    { place: 'original', name: t.original, path: original },
    { place: 'another', name: t.another, path: chosen },
  ];
  return (
    <Dialog
      onClose={onClose}
      title={title}
      icon={History}
      size="wide"
      onOpenAutoFocus={focusPlace}
      {...(names.length === 0 ? {} : { description: described(names.map(visibleText), format.list) })}
      foot={
        <>
          <DialogGap />
          <Button onClick={onClose}>{t.keep}</Button>
          <Button variant="primary" disabled={target === undefined || look.data === undefined || problem !== undefined || restore.isPending} onClick={() => restore.mutate()}>
            {restore.isPending ? t.going : preview.data?.complete === true ? t.goFiles(preview.data.files) : t.go}
          </Button>
        </>
      }
    >
      <span className={styles['label']}>{t.whereTo}</span>
      <RadioGroup.Root className={styles['targets'] ?? ''} aria-label={t.whereTo} value={place} onValueChange={(value) => setPlace(places.find((one) => one.place === value)?.place ?? 'beside')}>
        {places.map((one) => (
          <div key={one.place} className={styles['target']} data-chosen={one.place === place ? '' : undefined}>
            <RadioGroup.Item value={one.place} id={`${id}-${one.place}`} className={styles['radio'] ?? ''} />
            <label htmlFor={`${id}-${one.place}`}>
              <span className="strong">{one.name}</span>
              <p className="small t2">{one.path === undefined ? t.notChosen : <PathText path={one.path} />}</p>
            </label>
            {one.place === 'another' ? (
              <Button size="small" onClick={() => choosing.choose('folder')}>
                {t.chooseAnother}
              </Button>
            ) : null}
          </div>
        ))}
      </RadioGroup.Root>
      {place === 'beside' ? null : (
        <>
          <label className={styles['label']} htmlFor={`${id}-conflict`}>
            {t.conflict}
          </label>
          <Select id={`${id}-conflict`} label={t.conflict} value={overwrite} choices={(['if-changed', 'if-newer', 'never', 'always'] as const).map((value) => ({ value, label: t.conflicts[value] }))} onChange={setOverwrite} />
        </>
      )}
      <div className={styles['verify']}>
        <Switch id={`${id}-verify`} checked={verify} onChange={setVerify} />
        <label htmlFor={`${id}-verify`}>
          <span className="strong">{t.verify}</span>
          <p className="small t2">{t.verifyHint}</p>
        </label>
      </div>
      {restore.error === null ? null : <ErrorPanel error={restore.error} />}
      {look.data === undefined ? null : (
        <p className={styles['sum']} data-tone={calm ? 'ok' : 'warn'} role="status">
          {calm ? <ShieldCheck size={16} strokeWidth={1.75} aria-hidden /> : <TriangleAlert size={16} strokeWidth={1.75} aria-hidden />}
          <span>{problem ?? [sum === undefined ? t.counting : sum.text, look.data.free_bytes === null ? '' : t.free(format.bytes(look.data.free_bytes))].filter((part) => part !== '').join(' ')}</span>
        </p>
      )}
      {preview.error === null ? null : <ErrorPanel error={preview.error} />}
      {choosing.dialog}
    </Dialog>
  );

  function problemOf(): string | undefined {
    if (look.data === undefined) return undefined;
    if (look.data.state === 'not_a_folder') return t.notFolder;
    if (!look.data.writable) return t.notWritable;
    const free = look.data.free_bytes;
    const bytes = preview.data?.bytes ?? 0;
    return free !== null && free < bytes ? t.noSpace(format.bytes(bytes), format.bytes(free)) : undefined;
  }

  /** What will happen, in numbers: by the rule for files that are there. */
  function summed(found: RestorePreview): { readonly replaced: number; readonly text: string } {
    const there = found.same + found.older_there + found.newer_there;
    const rule = place === 'beside' ? 'if-changed' : overwrite;
    const replaced = rule === 'never' ? 0 : rule === 'always' ? there : rule === 'if-newer' ? found.older_there : found.older_there + found.newer_there;
    const sentence = t.sum(found.files - there + replaced, replaced, there - replaced);
    const newer = rule === 'if-changed' || rule === 'always' ? found.newer_there : 0;
    return { replaced, text: [found.complete ? sentence : t.atLeast(sentence), newer === 0 ? '' : t.newerLost(newer)].filter((part) => part !== '').join(' ') };
  }
}

/** Where to is the first question. */
function focusPlace(event: Event): void {
  const first = event.currentTarget instanceof HTMLElement ? event.currentTarget.querySelector<HTMLElement>('[role="radio"]') : null;
  if (first === null) return;
  event.preventDefault();
  first.focus();
}

const namesShown = 4;

function described(names: readonly string[], list: (items: readonly string[]) => string): string {
  return names.length <= namesShown ? list(names) : `${names.slice(0, namesShown).join(', ')} …`;
}
