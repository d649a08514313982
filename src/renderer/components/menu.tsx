/** Menus and popovers at a button. Not modal, since a modal one writes a style element into the page. */
import type { LucideIcon } from 'lucide-react';
import { DropdownMenu, Popover as RadixPopover } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';
import { classes } from './class-names.ts';
import styles from './menu.module.css';

interface MenuProps {
  /** The button that opens it. */
  readonly trigger: ReactElement;
  readonly align?: 'start' | 'end';
  readonly children: ReactNode;
}

export function Menu({ trigger, align = 'end', children }: MenuProps): ReactNode {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={styles['menu'] ?? ''} align={align} sideOffset={5} collisionPadding={8}>
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface MenuItemProps {
  readonly icon?: LucideIcon;
  readonly keys?: string;
  readonly dangerous?: boolean;
  readonly disabled?: boolean;
  readonly onSelect: () => void;
  readonly children: ReactNode;
}

export function MenuItem({ icon: Icon, keys, dangerous = false, disabled = false, onSelect, children }: MenuItemProps): ReactNode {
  return (
    <DropdownMenu.Item className={classes(styles['item'], dangerous && styles['dangerous'])} disabled={disabled} onSelect={onSelect}>
      {Icon === undefined ? null : <Icon size={15} strokeWidth={1.75} aria-hidden />}
      <span>{children}</span>
      {keys === undefined ? null : <span className={styles['keys']}>{keys}</span>}
    </DropdownMenu.Item>
  );
}

export function MenuLine(): ReactNode {
  return <DropdownMenu.Separator className={styles['line'] ?? ''} />;
}

export function MenuLabel({ children }: { readonly children: ReactNode }): ReactNode {
  return <DropdownMenu.Label className={styles['label'] ?? ''}>{children}</DropdownMenu.Label>;
}

export function Popover({ trigger, label, children, align = 'end' }: MenuProps & { readonly label: string }): ReactNode {
  return (
    <RadixPopover.Root>
      <RadixPopover.Trigger asChild>{trigger}</RadixPopover.Trigger>
      <RadixPopover.Portal>
        <RadixPopover.Content className={styles['popover'] ?? ''} aria-label={label} align={align} sideOffset={6} collisionPadding={8}>
          {children}
        </RadixPopover.Content>
      </RadixPopover.Portal>
    </RadixPopover.Root>
  );
}
