/** Starts a check of a place: its structure alone, or with a part or all of the data read back. */
import { useMutation } from '@tanstack/react-query';
import { ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Repository } from '../../../shared/contract/schemas/repository.ts';
import { Button } from '../../components/button.tsx';
import { Radios } from '../../components/controls.tsx';
import { Dialog, DialogGap } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { visibleText } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { navigate } from '../../lib/router.tsx';
import { useShell } from '../../lib/shell-state.ts';
import { messages } from './messages.ts';

const depths = ['0', '5', '100'] as const;

export function CheckDialog({ repository, onClose }: { readonly repository: Repository; readonly onClose: () => void }): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const notify = useShell((shell) => shell.notify);
  const [depth, setDepth] = useState<(typeof depths)[number]>('5');
  const { repository_id: id } = repository;
  const check = useMutation({
    mutationFn: () => client.start_check({ repository_id: id, read_data_percent: Number(depth) }),
    onSuccess: ({ job_id: jobId }) => {
      notify({ id: `check-${id}`, tone: 'ok', title: t.checkStarted, action: { label: t.showJob, run: () => navigate({ place: 'jobs', jobId }) } });
      onClose();
    },
  });
  return (
    <Dialog
      onClose={onClose}
      title={t.checkTitle(visibleText(repository.name))}
      description={t.checkText}
      icon={ShieldCheck}
      foot={
        <>
          <DialogGap />
          <Button onClick={onClose}>{t.close}</Button>
          <Button variant="primary" disabled={check.isPending} onClick={() => check.mutate()}>
            {t.checkGo}
          </Button>
        </>
      }
    >
      <Radios label={t.checkDepth} value={depth} choices={depths.map((value) => ({ value, label: t.checkDepths[value] }))} onChange={setDepth} />
      {check.error === null ? null : <ErrorPanel error={check.error} />}
    </Dialog>
  );
}
