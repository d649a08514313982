/**
 * Dialogs over the window: a plain one, and one that asks before something ends (`alert`).
 *
 * The scrim is ours, since Radix's overlay writes a style element into the page, which the page's policy refuses.
 */
import type { LucideIcon } from 'lucide-react';
import { X } from 'lucide-react';
import { AlertDialog as RadixAlert, Dialog as Radix } from 'radix-ui';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useMessages } from '../lib/messages/messages.ts';
import { IconButton } from './button.tsx';
import { classes } from './class-names.ts';
import styles from './dialog.module.css';
import { messages } from './messages.ts';

interface DialogProps {
  readonly onClose: () => void;
  readonly title: string;
  readonly description?: string;
  readonly icon?: LucideIcon;
  readonly size?: 'normal' | 'wide';
  /** Buttons; those before a `<DialogGap />` stand at the other side. */
  readonly foot?: ReactNode;
  readonly children: ReactNode;
  /** What gets the focus; by default the first control. */
  readonly onOpenAutoFocus?: (event: Event) => void;
}

/** Gives the focus back to what had it before: Radix itself knows only dialogs that a button of theirs opened. */
function useFocusBack(): (event: Event) => void {
  const [before] = useState(() => document.activeElement);
  return (event) => {
    event.preventDefault();
    const target = before instanceof HTMLElement && before.isConnected ? before : document.querySelector('main');
    target?.focus();
  };
}

export function Dialog({ onClose, title, description, icon, size = 'normal', foot, children, onOpenAutoFocus }: DialogProps): ReactNode {
  const t = useMessages(messages);
  const focusBack = useFocusBack();
  return (
    <Radix.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Radix.Portal>
        <div className={styles['scrim']}>
          <Radix.Content aria-modal onCloseAutoFocus={focusBack} className={classes(styles['dialog'], size === 'wide' && styles['wide'])} {...(description === undefined ? { 'aria-describedby': undefined } : {})} {...(onOpenAutoFocus === undefined ? {} : { onOpenAutoFocus })}>
            <div className={styles['head']}>
              <DialogIcon icon={icon} />
              <div className={styles['titles']}>
                <Radix.Title>{title}</Radix.Title>
                {description === undefined ? null : <Radix.Description>{description}</Radix.Description>}
              </div>
              <IconButton icon={X} label={t.close} onClick={onClose} />
            </div>
            <div className={styles['body']}>{children}</div>
            {foot === undefined ? null : <div className={styles['foot']}>{foot}</div>}
          </Radix.Content>
        </div>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Asks before something ends. Escape keeps everything as it is; a click beside it does nothing. */
export function AlertDialog({ onClose, title, description, icon, size = 'normal', foot, children, onOpenAutoFocus = focusFirst }: DialogProps): ReactNode {
  const focusBack = useFocusBack();
  return (
    <RadixAlert.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <RadixAlert.Portal>
        <div className={styles['scrim']}>
          <RadixAlert.Content aria-modal onCloseAutoFocus={focusBack} className={classes(styles['dialog'], size === 'wide' && styles['wide'])} {...(description === undefined ? { 'aria-describedby': undefined } : {})} onOpenAutoFocus={onOpenAutoFocus}>
            <div className={styles['head']}>
              <DialogIcon icon={icon} />
              <div className={styles['titles']}>
                <RadixAlert.Title>{title}</RadixAlert.Title>
                {description === undefined ? null : <RadixAlert.Description>{description}</RadixAlert.Description>}
              </div>
            </div>
            <div className={styles['body']}>{children}</div>
            {foot === undefined ? null : <div className={styles['foot']}>{foot}</div>}
          </RadixAlert.Content>
        </div>
      </RadixAlert.Portal>
    </RadixAlert.Root>
  );
}

/** Radix gives the focus to its own cancel button alone, and ours is none: without this it would stay behind the dialog. */
function focusFirst(event: Event): void {
  event.preventDefault();
  if (event.currentTarget instanceof HTMLElement) event.currentTarget.querySelector<HTMLElement>('input, textarea, select, button:not(:disabled)')?.focus();
}

/** A dialog that is one list from edge to edge, near the top: the command palette. */
export function PaletteDialog({ onClose, label, children }: { readonly onClose: () => void; readonly label: string; readonly children: ReactNode }): ReactNode {
  const focusBack = useFocusBack();
  return (
    <Radix.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Radix.Portal>
        <div className={classes(styles['scrim'], styles['top'])}>
          <Radix.Content aria-modal onCloseAutoFocus={focusBack} className={classes(styles['dialog'], styles['palette'])} aria-describedby={undefined}>
            <Radix.Title className="sr">{label}</Radix.Title>
            {children}
          </Radix.Content>
        </div>
      </Radix.Portal>
    </Radix.Root>
  );
}

export function DialogGap(): ReactNode {
  return <span className={styles['grow']} />;
}

function DialogIcon({ icon: Icon }: { readonly icon: LucideIcon | undefined }): ReactNode {
  if (Icon === undefined) return null;
  return (
    <span className={styles['icon']}>
      <Icon size={18} strokeWidth={1.75} aria-hidden />
    </span>
  );
}
