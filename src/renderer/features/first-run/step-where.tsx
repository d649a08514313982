/** Step 2: the place for the copies, checked while the person types. */
import { CircleCheck, Eye, EyeOff, HardDrive, LockKeyhole, Monitor, Server, TriangleAlert } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { RadioGroup } from 'radix-ui';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Place } from '../../../shared/contract/schemas/machine.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Field } from '../../components/controls.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { visibleText } from '../../lib/display-text.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { Spinner } from '../paths/path-size.tsx';
import { useChoosePaths } from '../paths/use-choose-paths.tsx';
import type { DestinationKind, Draft } from './draft.ts';
import styles from './first-run.module.css';
import { messages } from './messages.ts';
import type { PlaceCheck } from './use-connection-test.ts';

interface StepWhereProps {
  readonly draft: Draft;
  readonly drives: readonly Place[];
  readonly check: PlaceCheck;
  readonly computerFree: number | null;
  readonly onChange: (change: Partial<Draft>) => void;
}

export function StepWhere({ draft, drives, check, computerFree, onChange }: StepWhereProps): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const [drive] = drives;
  const tiles: readonly { readonly kind: DestinationKind; readonly icon: LucideIcon; readonly name: string; readonly hint: string }[] = [
    { kind: 'server', icon: Server, name: t.server, hint: t.serverHint },
    { kind: 'drive', icon: HardDrive, name: t.drive, hint: drive === undefined || drive.free_bytes === null ? t.driveHint : t.driveFree(visibleText(drive.name), format.bytes(drive.free_bytes)) },
    { kind: 'computer', icon: Monitor, name: t.computer, hint: t.computerHint },
  ];
  const choose = (kind: string): void => {
    const tile = tiles.find((one) => one.kind === kind);
    if (tile === undefined) return;
    onChange({ kind: tile.kind, fingerprint: undefined, ...(tile.kind === 'drive' && draft.folder === '' && drive !== undefined ? { folder: copiesFolder(drive.path) } : {}) });
  };
  return (
    <>
      <RadioGroup.Root className={styles['tiles'] ?? ''} aria-label={t.place} value={draft.kind} onValueChange={choose}>
        {tiles.map(({ kind, icon: Icon, name, hint }) => (
          <RadioGroup.Item key={kind} value={kind} className={styles['tile'] ?? ''} aria-label={`${name}. ${hint}`}>
            <Icon size={18} strokeWidth={1.75} aria-hidden />
            <i aria-hidden />
            <b>{name}</b>
            <p>{hint}</p>
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
      {draft.kind === 'server' ? <ServerForm draft={draft} onChange={onChange} /> : null}
      {draft.kind === 'drive' ? <DriveForm draft={draft} onChange={onChange} /> : null}
      {draft.kind === 'computer' ? (
        <ul className={styles['results']}>
          <Row icon={CircleCheck}>{t.computerText}</Row>
          {computerFree === null ? null : <Row icon={CircleCheck}>{t.free(format.bytes(computerFree))}</Row>}
        </ul>
      ) : (
        <Results draft={draft} check={check} onChange={onChange} />
      )}
    </>
  );
}

/** A folder of our own on the drive, in the way that its system writes paths. */
function copiesFolder(drive: string): string {
  const separator = drive.includes('\\') ? '\\' : '/';
  return `${drive.replace(/[/\\]+$/, '')}${separator}CyberBackup`;
}

function ServerForm({ draft, onChange }: Pick<StepWhereProps, 'draft' | 'onChange'>): ReactNode {
  const t = useMessages(messages);
  const [shown, setShown] = useState(false);
  return (
    <div className={styles['form']}>
      <Field label={t.address} value={draft.address} placeholder="https://nas.local:1256/" dir="ltr" autoComplete="off" spellCheck={false} onChange={(event) => onChange({ address: event.target.value, fingerprint: undefined })} />
      <Field label={t.user} value={draft.user} autoComplete="off" spellCheck={false} onChange={(event) => onChange({ user: event.target.value })} />
      <div className={styles['withEye']}>
        <Field label={t.serverPassword} type={shown ? 'text' : 'password'} value={draft.serverPassword} autoComplete="off" onChange={(event) => onChange({ serverPassword: event.target.value })} />
        <IconButton size="small" icon={shown ? EyeOff : Eye} label={shown ? t.hide : t.show} onClick={() => setShown(!shown)} />
      </div>
    </div>
  );
}

function DriveForm({ draft, onChange }: Pick<StepWhereProps, 'draft' | 'onChange'>): ReactNode {
  const t = useMessages(messages);
  const choosing = useChoosePaths(([folder]) => (folder === undefined ? undefined : onChange({ folder: copiesFolder(folder) })));
  return (
    <div className={styles['folderform']}>
      <Field label={t.folder} value={draft.folder} dir="ltr" spellCheck={false} onChange={(event) => onChange({ folder: event.target.value })} />
      <Button onClick={() => choosing.choose('folder')}>{t.chooseFolder}</Button>
      {choosing.dialog}
    </div>
  );
}

function Results({ draft, check, onChange }: Pick<StepWhereProps, 'draft' | 'check' | 'onChange'>): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const { url, checking, result, error } = check;
  if (url === undefined) return null;
  if (checking) {
    return (
      <ul className={styles['results']} aria-live="polite">
        <li>
          <Spinner />
          <span className="t2">{t.checking}</span>
        </li>
      </ul>
    );
  }
  if (result === undefined) return error === null ? null : <ErrorPanel error={error} />;
  const { certificate_fingerprint: fingerprint } = result;
  const usable = result.reachable && result.exists !== null;
  return (
    <ul className={styles['results']} aria-live="polite">
      {usable ? (
        <>
          <Row icon={CircleCheck}>{draft.kind === 'server' && result.latency_ms !== null ? t.reached(`${format.number(Math.max(1, result.latency_ms))} ms`, visibleText(draft.user)) : t.reachedLocal}</Row>
          <Row icon={CircleCheck}>{result.exists === true ? t.existing : t.newRepository}</Row>
        </>
      ) : (
        <Row icon={TriangleAlert} tone="warn">
          {result.reachable ? t.notUsable : t.notReached}
          <span className="small t2"> {visibleText(result.message)}</span>
        </Row>
      )}
      {fingerprint === null ? null : (
        <li>
          <LockKeyhole size={16} strokeWidth={1.75} aria-hidden />
          <span>
            {t.fingerprint}
            <code dir="ltr">{fingerprint.toUpperCase().match(/../g)?.join(':')}</code>
          </span>
          <Button size="small" disabled={draft.fingerprint === fingerprint} onClick={() => onChange({ fingerprint })}>
            {draft.fingerprint === fingerprint ? t.matched : t.matches}
          </Button>
        </li>
      )}
    </ul>
  );
}

function Row({ icon: Icon, tone = 'ok', children }: { readonly icon: LucideIcon; readonly tone?: 'ok' | 'warn'; readonly children: ReactNode }): ReactNode {
  return (
    <li>
      <Icon size={16} strokeWidth={1.75} className={styles[tone]} aria-hidden />
      <span>{children}</span>
    </li>
  );
}
