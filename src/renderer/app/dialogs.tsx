/** The dialog that is open, loaded when the first one opens. */
import type { ReactNode } from 'react';
import { BackUpDialog } from '../features/drop/back-up-dialog.tsx';
import { CancelAllDialog } from '../features/jobs/cancel-all-dialog.tsx';
import { CancelDialog } from '../features/jobs/cancel-dialog.tsx';
import { KeysDialog } from '../features/palette/keys-dialog.tsx';
import { Palette } from '../features/palette/palette.tsx';
import type { DialogName } from '../lib/shell-state.ts';

export function Dialogs({ dialog }: { readonly dialog: DialogName }): ReactNode {
  switch (dialog.name) {
    case 'palette':
      return <Palette />;
    case 'keys':
      return <KeysDialog />;
    case 'cancel':
      return <CancelDialog jobId={dialog.jobId} />;
    case 'cancel-all':
      return <CancelAllDialog />;
    default:
      return <BackUpDialog given={dialog} />;
  }
}
