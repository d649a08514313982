/** Asks before a plan is deleted, and says what stays. */
import type { ReactNode } from 'react';
import type { Plan } from '../../../shared/contract/schemas/plan.ts';
import { Button } from '../../components/button.tsx';
import { AlertDialog, DialogGap } from '../../components/dialog.tsx';
import { visibleText } from '../../lib/display-text.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { navigate } from '../../lib/router.tsx';
import { messages } from './plan-messages.ts';
import { usePlanActions } from './use-plan-actions.ts';

export function DeletePlan({ plan, onClose }: { readonly plan: Plan; readonly onClose: () => void }): ReactNode {
  const t = useMessages(messages);
  const actions = usePlanActions();
  const remove = async (): Promise<void> => {
    onClose();
    if (await actions.remove(plan)) navigate({ place: 'settings' });
  };
  return (
    <AlertDialog
      onClose={onClose}
      title={t.deleteTitle(visibleText(plan.name))}
      description={t.deleteText}
      foot={
        <>
          <DialogGap />
          <Button onClick={onClose}>{t.keep}</Button>
          <Button variant="danger" onClick={() => void remove()}>
            {t.deleteGo}
          </Button>
        </>
      }
    >
      {null}
    </AlertDialog>
  );
}
